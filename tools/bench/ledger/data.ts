// The ledger a bench works on: people with sessions, and open debts made set by set in SQL, chain
// included, so that the check afterwards covers every row from the first.
import { createHash, createPrivateKey, sign } from 'node:crypto'
import { withClient } from '../databases.ts'

export interface LedgerSize {
  people: number
  debts: number
  manyLenders?: boolean
}

export const size: LedgerSize = { people: 1_000, debts: 20_000 }

/** One of the people with a token, and the debts in which they are the borrower. */
export interface Caller {
  id: string
  token: string
  debtIds: string[]
}

const lenderId = '00000000-0000-7000-8000-000000000000'
const balanceMinor = 1_000_000_000

/**
 * Person `n` borrows in the debts n, n + people, …; one lender stands behind all of them or, with
 * `manyLenders`, in each debt the person half-way round the circle. Each debt has its opening entry.
 * Returns the debts' ids.
 */
export async function fillLedger(
  url: string,
  { people, debts, manyLenders = false }: LedgerSize,
): Promise<string[]> {
  await withClient(url, async (client) => {
    await client.query(`
      CREATE FUNCTION pg_temp.person(n int) RETURNS uuid IMMUTABLE LANGUAGE sql AS
        $$ SELECT ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid $$;
      CREATE FUNCTION pg_temp.debt(n int) RETURNS uuid IMMUTABLE LANGUAGE sql AS
        $$ SELECT (substr(md5('debt ' || n), 1, 8) || '-' || substr(md5('debt ' || n), 9, 4) || '-8' ||
             substr(md5('debt ' || n), 14, 3) || '-8' || substr(md5('debt ' || n), 18, 3) || '-' ||
             substr(md5('debt ' || n), 21, 12))::uuid $$;`)
    await client.query(
      `INSERT INTO users (id, name, locale, activated_at)
       SELECT pg_temp.person(n), 'Person ' || n, 'en', now() FROM generate_series(0, $1) n`,
      [people],
    )
    await client.query(
      `INSERT INTO sessions (id, user_id, client, device, secret, token_hash, expires_at)
       SELECT pg_temp.person(n), pg_temp.person(n), 'app', 'bench', '\\x00', '\\x00',
         now() + interval '1 day' FROM generate_series(0, $1) n`,
      [people],
    )
    await client.query(openings, [people, debts, lenderId, balanceMinor, manyLenders])
    await client.query('VACUUM ANALYZE')
  })
  return Array.from({ length: debts }, (_, index) => debtId(index + 1))
}

// The canonical form of ARCHITECTURE.md, written in SQL.
const openings = `
  WITH made AS (
    SELECT pg_temp.debt(n) AS book_id, pg_temp.person((n - 1) % $1::int + 1) AS borrower,
      CASE WHEN $5::boolean THEN pg_temp.person((n - 1 + $1::int / 2) % $1::int + 1)
        ELSE $3::uuid END AS lender,
      date_trunc('second', now()) AS at
    FROM generate_series(1, $2::int) n
  ), rows AS (
    SELECT made.*, sha256(decode(repeat('00', 32), 'hex') || convert_to(concat_ws(E'\\n',
      'quits.journal.v1', book_id, 1, 'advance', 'posted', borrower, '2026-01-01', $4::bigint, 'EUR',
      $4::bigint, '', '', '', '', to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
      '1>2:' || $4::bigint), 'UTF8')) AS hash
    FROM made
  ), books AS (
    INSERT INTO books (book_id, kind, currency, status, last_seq, last_hash, version,
      pending_count, created_at, posted_minor, pending_in_minor, pending_out_minor)
    SELECT book_id, 'debt', 'EUR', 'open', 1, hash, 1, 0, at, ARRAY[$4::bigint, -$4::bigint],
      '{0,0}', '{0,0}' FROM rows
  ), participants AS (
    INSERT INTO participants (book_id, no, role, user_id, seat)
    SELECT book_id, 1, 'lender', lender, 'joined' FROM rows
    UNION ALL SELECT book_id, 2, 'borrower', borrower, 'joined' FROM rows
  ), memberships AS (
    INSERT INTO memberships (user_id, created_at, book_id)
    SELECT lender, at, book_id FROM rows UNION ALL SELECT borrower, at, book_id FROM rows
  ), words AS (
    INSERT INTO debt_words (book_id, description) SELECT book_id, 'bench' FROM rows
  )
  INSERT INTO transactions (book_id, seq, kind, status, entered_by, occurred_on, amount_minor,
    balance_minor, prev_hash, hash, at, postings)
  SELECT book_id, 1, 'advance', 'posted', borrower, '2026-01-01', $4::bigint, $4::bigint,
    decode(repeat('00', 32), 'hex'), hash, at,
    ARRAY[(1, 2, $4::bigint)::posting_sides::posting] FROM rows`

// RFC 8410: everything of a PKCS #8 Ed25519 key but the seed.
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex')
const tokenSeconds = 86_400

/** The callers with their tokens; the same debts as `fillLedger` makes. */
export function makeCallers(
  { people, debts }: LedgerSize,
  key: { seed: string; issuer: string },
): Caller[] {
  const der = Buffer.concat([pkcs8Prefix, Buffer.from(key.seed, 'base64url')])
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  const x = privateKey.export({ format: 'jwk' })['x'] ?? ''
  const kid = createHash('sha256').update(x).digest('base64url').slice(0, 16)
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const iat = Math.floor(Date.now() / 1_000)
  return Array.from({ length: people }, (_, index) => {
    const id = `00000000-0000-7000-8000-${(index + 1).toString(16).padStart(12, '0')}`
    const claims = { sub: id, sid: id, iss: key.issuer, iat, exp: iat + tokenSeconds }
    const unsigned = `${part({ alg: 'EdDSA', kid })}.${part(claims)}`
    const signature = sign(null, Buffer.from(unsigned), privateKey).toString('base64url')
    const debtIds: string[] = []
    for (let n = index + 1; n <= debts; n += people) debtIds.push(debtId(n))
    return { id, token: `${unsigned}.${signature}`, debtIds }
  })
}

function debtId(n: number): string {
  const hex = createHash('md5').update(`debt ${n}`).digest('hex')
  const parts = [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`]
  return [...parts, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-')
}
