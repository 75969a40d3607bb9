/** Migration 0006 on a ledger that was written before it. */
import { randomBytes } from 'node:crypto'
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { migrate } from '@quits/kit/migrations'
import pg from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { migratingLockKey } from '../testing/database.ts'

const folder = fileURLToPath(new URL('../../migrations', import.meta.url))
const book = '00000000-0000-8000-8000-000000000001'
const ana = '00000000-0000-7000-8000-000000000001'
const bytes = `decode(repeat('ab', 32), 'hex')`

let server: pg.Client
let client: pg.Client
let url: string
let before: string

beforeEach(async () => {
  const name = `test_${randomBytes(8).toString('hex')}`
  server = new pg.Client({ connectionString: process.env['POSTGRES_URL'] })
  await server.connect()
  await server.query(`CREATE DATABASE ${name}`)
  const target = new URL(process.env['POSTGRES_URL'] ?? '')
  target.pathname = `/${name}`
  url = target.href
  before = mkdtempSync(join(tmpdir(), 'quits-migrations-'))
  for (const file of readdirSync(folder)) {
    if (file < '0006') cpSync(join(folder, file), join(before, file))
  }
  await server.query('SELECT pg_advisory_lock($1)', [migratingLockKey])
  await migrate({ url, folder: before, schema: 'public' })
  await server.query('SELECT pg_advisory_unlock($1)', [migratingLockKey])
  client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(`
    INSERT INTO books (book_id, kind, currency, status, last_seq, last_hash, version, pending_count,
      created_at) VALUES ('${book}', 'debt', 'EUR', 'open', 2, ${bytes}, 2, 1, now());
    INSERT INTO accounts (book_id, no, kind, participant, currency, posted_minor, pending_in_minor)
    VALUES ('${book}', 2, 'position', 2, 'EUR', -400, 0),
      ('${book}', 1, 'position', 1, 'EUR', 400, 7);
    INSERT INTO transactions (book_id, seq, kind, status, entered_by, occurred_on, amount_minor,
      balance_minor, prev_hash, hash, at)
    SELECT '${book}', seq, 'advance', status, '${ana}', '2026-01-01', minor, 400, ${bytes}, ${bytes},
      now() FROM (VALUES (1, 'posted', 400), (2, 'pending', 7)) AS made (seq, status, minor);
    INSERT INTO postings VALUES ('${book}', 1, 1, 1, 2, 400);
    INSERT INTO outbox_events (topic, key, event, at)
    VALUES ('books', '${book}', '{"id":1}', '2026-01-01Z'), ('books', '${book}', '{"id":2}', now())`)
  return async () => {
    await client.end()
    await server.query(`DROP DATABASE ${name} WITH (FORCE)`)
    await server.end()
  }
})
afterEach(() => rmSync(before, { recursive: true }))

const upgrade = () => migrate({ url, folder, schema: 'public' })
const read = async (sql: string) => (await client.query({ text: sql, rowMode: 'array' })).rows

test('keeps balances, postings and waiting events as they were', async () => {
  const accounts = `SELECT no, kind, participant, currency, posted_minor::text, pending_in_minor::text,
    pending_out_minor::text FROM accounts ORDER BY no`
  const postings = 'SELECT seq, no, debit, credit, amount_minor::text FROM postings'
  const events = 'SELECT topic, key, event, at FROM outbox_events ORDER BY id'
  const queries = [accounts, postings, events]
  const old = await Promise.all(queries.map(read))
  await upgrade()
  expect(await Promise.all(queries.map(read))).toEqual(old)
  expect(old.map((rows) => rows.length)).toEqual([2, 1, 2])
})

test.each([
  ['a posting without its row', `INSERT INTO postings VALUES ('${book}', 9, 1, 1, 2, 5)`],
  ['an account of another kind', `UPDATE accounts SET kind = 'clearing' WHERE no = 1`],
  ['a gap in the numbers of accounts', 'UPDATE accounts SET no = 3, participant = 3 WHERE no = 2'],
])('refuses a ledger with %s, which the new shape would hide', async (_, damage) => {
  await client.query(damage)
  await expect(upgrade()).rejects.toMatchObject({
    cause: { message: expect.stringContaining('run npm run verify') },
  })
  expect(await read('SELECT count(*)::int FROM accounts')).toEqual([[2]])
})
