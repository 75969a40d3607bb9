import { createHash } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeTestDatabase, type TestDatabase } from '../testing/database.ts'
import { makePerson, serveDebts } from '../testing/people.ts'

let database: TestDatabase
let server: Awaited<ReturnType<typeof serveDebts>>

beforeAll(async () => {
  database = await makeTestDatabase()
  server = await serveDebts(database)
  const ana = await makePerson(database.admin, 'Ana')
  const bo = await makePerson(database.admin, 'Bo')
  const { body } = await server.request(ana, 'POST', '/v1/debts', {
    role: 'lender',
    counterparty: { email: bo.email },
    opening: { minor: '4000', currency: 'EUR' },
    description: 'groceries',
  })
  const path = `/v1/debts/${String(body['id'])}`
  await server.request(bo, 'POST', `${path}/accept`, {})
  const amount = { minor: '50', currency: 'EUR' }
  await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      server.request(index % 2 === 0 ? ana : bo, 'POST', `${path}/transactions`, {
        kind: index % 3 === 0 ? 'advance' : 'repayment',
        amount,
        note: `entry ${index}`,
      }),
    ),
  )
})
afterAll(async () => {
  await server.close()
  await database.drop()
})

interface JournalRow {
  fields: string[]
  hash: string
  prev_hash: string
}

/** The journal as text, read with SQL of its own: nothing here is shared with the writer. */
const journal = async () => {
  const { rows } = await database.admin.query<JournalRow>(
    `SELECT ARRAY['quits.journal.v1', t.book_id::text, t.seq::text, t.kind, t.status,
       t.entered_by::text, t.occurred_on::text, t.amount_minor::text, b.currency,
       t.balance_minor::text, coalesce(t.resolves::text, ''), coalesce(t.reverses::text, ''),
       coalesce(t.bundle::text, ''), coalesce(encode(t.words_hash, 'hex'), ''),
       to_char(t.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
       coalesce((SELECT string_agg(p.debit || '>' || p.credit || ':' || p.amount_minor, ','
         ORDER BY p.no) FROM postings p WHERE (p.book_id, p.seq) = (t.book_id, t.seq)), '')
     ] AS fields, encode(t.hash, 'hex') AS hash, encode(t.prev_hash, 'hex') AS prev_hash
     FROM transactions t JOIN books b USING (book_id) ORDER BY t.book_id, t.seq`,
  )
  return rows
}

const brokenAt = (rows: JournalRow[]) =>
  rows.findIndex((row, index) => {
    const previous = rows[index - 1]?.hash ?? '00'.repeat(32)
    const hash = createHash('sha256')
      .update(Buffer.from(row.prev_hash, 'hex'))
      .update(row.fields.join('\n'))
      .digest('hex')
    return row.prev_hash !== previous || row.hash !== hash
  })

test('every row covers the one before it, from the first on', async () => {
  const rows = await journal()
  expect(rows.length).toBeGreaterThan(20)
  expect(brokenAt(rows)).toBe(-1)
})

test('a changed row is found', async () => {
  const rows = await journal()
  const forged = rows.map((row, index) =>
    index === 7 ? { ...row, fields: row.fields.with(7, '51') } : row,
  )
  expect(brokenAt(forged)).toBe(7)
})

test('a book sums to zero, and each balance is the sum of its postings', async () => {
  const { rows } = await database.admin.query<{ book: bigint; drift: bigint }>(
    `SELECT sum(a.posted_minor)::bigint AS book, sum(abs(a.posted_minor -
       (SELECT coalesce(sum(CASE a.no WHEN p.debit THEN p.amount_minor
          WHEN p.credit THEN -p.amount_minor ELSE 0 END), 0)
        FROM postings p WHERE p.book_id = a.book_id)))::bigint AS drift
     FROM accounts a GROUP BY a.book_id`,
  )
  expect(rows).toEqual([{ book: 0n, drift: 0n }])
})

test('seq is dense, and each row has its event in the outbox once', async () => {
  const { rows } = await database.admin.query<{ seqs: number[]; events: number[] }>(
    `SELECT array_agg(seq ORDER BY seq) AS seqs,
       (SELECT array_agg((event::json #>> '{data,seq}')::int ORDER BY id, no) FROM outbox_events)
         AS events FROM transactions`,
  )
  const count = rows[0]?.seqs.length ?? 0
  const dense = Array.from({ length: count }, (_, index) => index + 1)
  expect(rows[0]).toEqual({ seqs: dense, events: dense })
})

test('the service has no right to change or remove a row of the journal', async () => {
  const { rows } = await database.admin.query<{ name: string }>(
    `SELECT table_name || '.' || column_name AS name FROM information_schema.columns
     WHERE table_name IN ('transactions', 'bundles')`,
  )
  expect(rows.length).toBeGreaterThan(20)
  for (const { name } of rows) {
    const [table, column] = name.split('.')
    const update = database.pool.query(`UPDATE ${table} SET ${column} = ${column}`)
    await expect(update).rejects.toMatchObject({ code: '42501' })
  }
  for (const table of ['transactions', 'bundles']) {
    const denied = { code: '42501' }
    await expect(database.pool.query(`DELETE FROM ${table}`)).rejects.toMatchObject(denied)
    await expect(database.pool.query(`TRUNCATE ${table}`)).rejects.toMatchObject(denied)
  }
})

test('every key of the heart starts with book_id, and nothing of it points to users', async () => {
  const heart = ['books', 'participants', 'transactions']
  const tables = [...heart, 'transaction_words', 'debt_words']
  const keys = await database.admin.query<{ first: string; table: string }>(
    `SELECT c.relname AS table, a.attname AS first FROM pg_index i
     JOIN pg_class c ON c.oid = i.indrelid
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
     WHERE i.indisunique AND c.relname = ANY($1)`,
    [tables],
  )
  expect(keys.rows.length).toBeGreaterThanOrEqual(tables.length)
  expect(keys.rows.filter(({ first }) => first !== 'book_id')).toEqual([])
  const foreign = await database.admin.query(
    `SELECT conname FROM pg_constraint WHERE contype = 'f'
     AND conrelid = ANY($1::regclass[]) AND confrelid = 'users'::regclass`,
    [tables],
  )
  expect(foreign.rows).toEqual([])
})
