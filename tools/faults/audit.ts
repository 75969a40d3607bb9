// The ledger's invariants, read from the tables by statements that share nothing with the writer.
// Their numbers are those of docs/faults.md.
import type { Connection, Pool } from '@quits/kit/postgres'
import { brokenChains } from './chain.ts'

export type Reader = Pick<Pool, 'query'> | Pick<Connection, 'query'>

export interface Offence {
  invariant: number
  what: string
}

const posting = `CASE p.debit WHEN 1 THEN p.amount_minor ELSE 0 END
  - CASE p.credit WHEN 1 THEN p.amount_minor ELSE 0 END`
const unanswered = `t.status = 'pending' AND NOT EXISTS
  (SELECT FROM transactions r WHERE r.book_id = t.book_id AND r.resolves = t.seq)`

/** What waits for the broker about the books in $1; the harness has an index for it (`world.ts`). */
const waitingEvents = `SELECT e.key, e.event FROM outbox_batches b JOIN outbox_events e USING (id)
  WHERE string_to_array(b.keys, E'\\n') && $1::text[] AND e.key = ANY($1::text[])`

/** Each finds rows that break an invariant, among the books in $1. */
const checks: { invariant: number; what: string; sql: string }[] = [
  {
    invariant: 1,
    what: 'a book does not sum to zero',
    sql: `SELECT a.book_id FROM accounts a WHERE a.book_id = ANY($1)
          GROUP BY a.book_id, a.currency HAVING sum(a.posted_minor) <> 0`,
  },
  {
    invariant: 1,
    what: 'a row does not post its amount',
    sql: `SELECT t.book_id FROM transactions t WHERE t.book_id = ANY($1)
          AND (SELECT coalesce(sum(p.amount_minor), 0) FROM postings p
               WHERE (p.book_id, p.seq) = (t.book_id, t.seq))
            <> CASE WHEN t.status = 'posted' AND t.kind IN
                 ('advance', 'repayment', 'forgiveness', 'reversal', 'accepted')
               THEN t.amount_minor ELSE 0 END`,
  },
  {
    invariant: 1,
    what: 'a posting has no row or no account',
    sql: `SELECT p.book_id FROM postings p WHERE p.book_id = ANY($1) AND (
            NOT EXISTS (SELECT FROM transactions t
                        WHERE (t.book_id, t.seq) = (p.book_id, p.seq))
            OR (SELECT count(*) FROM accounts a WHERE a.book_id = p.book_id
                AND a.no IN (p.debit, p.credit)) <> 2)`,
  },
  {
    invariant: 2,
    what: 'a balance is not the sum of its postings',
    sql: `SELECT a.book_id FROM accounts a WHERE a.book_id = ANY($1) AND a.posted_minor <>
            (SELECT coalesce(sum(CASE a.no WHEN p.debit THEN p.amount_minor
               WHEN p.credit THEN -p.amount_minor ELSE 0 END), 0)
             FROM postings p WHERE p.book_id = a.book_id)`,
  },
  {
    invariant: 2,
    what: 'a row shows another balance than the postings up to it',
    sql: `SELECT book_id FROM (
            SELECT t.book_id, t.balance_minor, sum(coalesce(
              (SELECT sum(${posting}) FROM postings p
               WHERE (p.book_id, p.seq) = (t.book_id, t.seq)), 0))
              OVER (PARTITION BY t.book_id ORDER BY t.seq) AS running
            FROM transactions t WHERE t.book_id = ANY($1)) rows
          WHERE running <> balance_minor`,
  },
  {
    invariant: 2,
    what: 'what waits is not the sum of what is unanswered',
    sql: `SELECT b.book_id FROM books b JOIN accounts a ON a.book_id = b.book_id AND a.no = 1
          CROSS JOIN LATERAL (SELECT count(*) AS count, coalesce(sum(t.amount_minor), 0) AS sum
            FROM transactions t WHERE t.book_id = b.book_id AND ${unanswered}) w
          WHERE b.book_id = ANY($1) AND (b.pending_count <> w.count
            OR a.pending_in_minor + a.pending_out_minor <> w.sum)`,
  },
  {
    invariant: 3,
    what: 'a key has two effects',
    sql: `SELECT book_id FROM transactions WHERE book_id = ANY($1) AND key IS NOT NULL
          GROUP BY book_id, entered_by, key HAVING count(*) > 1`,
  },
  {
    invariant: 5,
    what: 'a row is answered or undone twice',
    sql: `SELECT book_id FROM transactions WHERE book_id = ANY($1) AND resolves IS NOT NULL
          GROUP BY book_id, resolves HAVING count(*) > 1
          UNION ALL SELECT book_id FROM transactions WHERE book_id = ANY($1)
            AND reverses IS NOT NULL AND (status = 'posted')
          GROUP BY book_id, reverses HAVING count(*) > 1`,
  },
  {
    invariant: 6,
    what: 'a debt turned its sign',
    sql: `SELECT book_id FROM accounts WHERE book_id = ANY($1) AND no = 1 AND posted_minor < 0
          UNION ALL SELECT book_id FROM transactions
          WHERE book_id = ANY($1) AND balance_minor NOT BETWEEN 0 AND 1000000000000000`,
  },
  {
    invariant: 8,
    what: 'a debt counts without consent, or its status lies about its balance',
    sql: `SELECT b.book_id FROM books b JOIN accounts a ON a.book_id = b.book_id AND a.no = 1
          WHERE b.book_id = ANY($1) AND (a.posted_minor = 0) <>
            (b.status IN ('proposed', 'declined', 'withdrawn', 'settled'))`,
  },
  {
    invariant: 10,
    what: 'seq is not dense, or the book is not at its last row',
    sql: `SELECT b.book_id FROM books b WHERE b.book_id = ANY($1) AND (
            (SELECT array_agg(t.seq ORDER BY t.seq) FROM transactions t
             WHERE t.book_id = b.book_id)
            IS DISTINCT FROM (SELECT array_agg(n) FROM generate_series(1, b.last_seq) n)
            OR b.last_hash IS DISTINCT FROM (SELECT t.hash FROM transactions t
               WHERE t.book_id = b.book_id AND t.seq = b.last_seq))`,
  },
  {
    invariant: 11,
    what: 'a row has no event of its own, or an event no row',
    sql: `SELECT coalesce(t.book_id, e.book_id) AS book_id FROM
            (SELECT book_id, book_id || ':' || seq AS id FROM transactions
             WHERE book_id = ANY($1)) t
          FULL JOIN (SELECT key::uuid AS book_id, event::json ->> 'id' AS id, count(*) AS count
             FROM (${waitingEvents}) waiting WHERE event::json ->> 'id' LIKE '%:%'
             GROUP BY 1, 2) e USING (id)
          WHERE e.count IS DISTINCT FROM 1`,
  },
]

const all = checks
  .map(({ sql }, index) => `SELECT ${index} AS no, book_id::text AS book FROM (${sql}) c${index}`)
  .join(' UNION ALL ')

/** It reads everything, which may take longer than a service may wait for an answer. */
export const auditMsMax = 120_000

/** Everything that is wrong with these books. Rows must still wait in the outbox. */
export async function audit(reader: Reader, bookIds: string[]): Promise<Offence[]> {
  const { rows } = await reader.query<{ no: number; book: string }>(all, [bookIds])
  const found = rows.flatMap(({ no, book }) => {
    const check = checks[no]
    return check === undefined
      ? []
      : [{ invariant: check.invariant, what: `${check.what}: ${book}` }]
  })
  const chains = await brokenChains(reader, bookIds)
  return [...found, ...chains.map((what) => ({ invariant: 10, what }))]
}

/** Every row of these books, and between their people, as one text: a refusal must leave it as it was. */
export async function fingerprint(reader: Reader, bookIds: string[]): Promise<string> {
  const tables = ['books', 'participants', 'transactions']
  const words = ['transaction_words', 'debt_words', 'memberships', 'waiting', 'invitations']
  const parts = [...tables, ...words].map(
    (table) => `SELECT '${table}' || t::text AS row FROM ${table} t WHERE book_id = ANY($1)`,
  )
  const people = `(SELECT user_id FROM participants WHERE book_id = ANY($1))`
  const between = ['relations', 'blocks'].map(
    (table) => `SELECT '${table}' || t::text AS row FROM ${table} t
      WHERE user_id IN ${people} OR towards_id IN ${people}`,
  )
  const { rows } = await reader.query<{ print: string }>(
    `SELECT md5(string_agg(row, E'\\n' ORDER BY row)) AS print FROM (${[...parts, ...between].join(' UNION ALL ')}
       UNION ALL SELECT event FROM (${waitingEvents}) waiting) rows`,
    [bookIds],
  )
  return rows[0]?.print ?? ''
}

/** What the service's role may do that it must not: change or remove rows of the journal. */
export async function rightsTooMany(reader: Reader): Promise<Offence[]> {
  const { rows } = await reader.query<{ what: string }>(
    `SELECT c.relname || ': ' || right_name AS what
     FROM pg_class c, unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) AS right_name
     WHERE c.relname IN ('transactions', 'bundles')
       AND has_table_privilege('quits_expenses', c.oid, right_name)
     UNION ALL SELECT c.relname || '.' || a.attname || ': UPDATE'
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
     WHERE c.relname IN ('transactions', 'bundles') AND NOT a.attisdropped
       AND has_column_privilege('quits_expenses', c.oid, a.attnum, 'UPDATE')`,
  )
  return rows.map(({ what }) => ({ invariant: 5, what: `the service may change ${what}` }))
}

/** Unique indexes over words that people choose, without the person or the book in the key. */
export async function sharedNames(reader: Reader): Promise<Offence[]> {
  // An address belongs to one person, a migration has one name, a limit is counted by its key.
  const known = ['contacts_pkey', 'migrations_pkey', 'sign_in_limits_pkey']
  const { rows } = await reader.query<{ name: string }>(
    `SELECT i.indexrelid::regclass::text AS name FROM pg_index i
     JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY(i.indkey)
     WHERE i.indisunique AND n.nspname = 'public' AND NOT i.indexrelid::regclass::text = ANY($1)
     GROUP BY i.indexrelid HAVING bool_or(a.atttypid IN ('text'::regtype, 'varchar'::regtype))
       AND NOT bool_or(a.attname IN ('book_id', 'user_id', 'owner_id'))`,
    [known],
  )
  return rows.map(({ name }) => ({ invariant: 9, what: `${name} joins people who are strangers` }))
}
