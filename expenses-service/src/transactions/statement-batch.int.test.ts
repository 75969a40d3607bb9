import pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { makeTestDatabase, type TestDatabase } from '../testing/database.ts'
import { type Batches, makeBatches } from './statement-batch.ts'

let database: TestDatabase
let client: pg.Client
let batches: Batches
const onUnsure = vi.fn<() => void>()

beforeAll(async () => {
  database = await makeTestDatabase()
  await database.admin.query('CREATE TABLE kept (n int PRIMARY KEY)')
  await database.admin.query('GRANT ALL ON kept TO quits_expenses')
})
beforeEach(async () => {
  onUnsure.mockClear()
  client = new pg.Client({ connectionString: database.url })
  await client.connect()
  batches = makeBatches(client, onUnsure)
  return () => client.end()
})
afterAll(() => database.drop())

const say = (text: string, ...values: unknown[]) =>
  batches.query<Record<string, unknown>>({ name: text, text, values })
const keep = 'INSERT INTO kept VALUES ($1)'
const kept = async () =>
  (await database.admin.query<{ n: number }>('SELECT n FROM kept ORDER BY n')).rows.map(
    ({ n }) => n,
  )

test('what is asked in one step goes through as one batch, each statement with its own answer', async () => {
  const query = vi.spyOn(client, 'query')
  const answers = await Promise.all([
    say('SELECT $1::int AS n, NULL::text AS nothing', 7),
    say('SELECT $1::bigint AS minor', '9007199254740993'),
    say('SELECT 1 WHERE false'),
  ])
  expect(query).toHaveBeenCalledTimes(1)
  expect(answers.map(({ rows }) => rows)).toEqual([
    [{ n: 7, nothing: null }],
    [{ minor: 9_007_199_254_740_993n }],
    [],
  ])
  expect(answers.map(({ command }) => command)).toEqual(['SELECT', 'SELECT', 'SELECT'])
})

test('a statement may come twice in a batch, and again later, with other values', async () => {
  const double = 'SELECT $1::int * 2 AS n'
  const first = await Promise.all([say(double, 1), say(double, 2)])
  const later = await say(double, 3)
  expect([...first, later].map(({ rows }) => rows)).toEqual([[{ n: 2 }], [{ n: 4 }], [{ n: 6 }]])
})

test('a statement that is asked again before its first answer has the same columns', async () => {
  const first = say('SELECT $1::int AS n', 1)
  await Promise.resolve()
  await Promise.resolve()
  const second = say('SELECT $1::int AS n', 2)
  expect([(await first).rows, (await second).rows]).toEqual([[{ n: 1 }], [{ n: 2 }]])
})

test('a value that cannot be written is the fault of its batch, and gives the connection up', async () => {
  const circular: Record<string, unknown> = {}
  circular['itself'] = circular
  await expect(say('SELECT $1::json AS j', circular)).rejects.toThrow(/circular/i)
  expect(onUnsure).toHaveBeenCalledOnce()
})

test('one name is one statement', async () => {
  const called = (text: string) => batches.query({ name: 'called', text, values: [] })
  await called('SELECT 1')
  await expect(called('SELECT 2')).rejects.toThrow('two statements are called called')
})

test('tells how many rows were touched', async () => {
  const [begun, inserted, undone] = await Promise.all([
    say('BEGIN'),
    say('INSERT INTO kept SELECT generate_series(10, 14)'),
    say('ROLLBACK'),
  ])
  expect([begun, inserted, undone].map(({ rowCount }) => rowCount)).toEqual([0, 5, 0])
})

test('behind a fault nothing runs, not even COMMIT, and everybody hears of the fault', async () => {
  await Promise.all([say('BEGIN'), say(keep, 1), say('COMMIT')])
  const settled = await Promise.allSettled([
    say('BEGIN'),
    say(keep, 2),
    say(keep, 1),
    say(keep, 3),
    say('COMMIT'),
  ])
  for (const one of settled) expect(one).toMatchObject({ reason: { code: '23505' } })
  await say('ROLLBACK')
  expect(await kept()).toEqual([1])
  expect(onUnsure).not.toHaveBeenCalled()
})

test('a fault in a batch that prepares leaves the connection unsure', async () => {
  await expect(say('SELECT 1 / $1::int', 0)).rejects.toMatchObject({ code: '22012' })
  expect(onUnsure).toHaveBeenCalledOnce()
})

test('a lost connection is told to everybody in the batch', async () => {
  client.on('error', () => undefined)
  const waiting = Promise.allSettled([say('SELECT pg_sleep(60)'), say('SELECT 1')])
  const end = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND query = 'SELECT pg_sleep(60)'`
  await expect.poll(async () => (await database.admin.query(end)).rowCount).toBe(1)
  for (const one of await waiting) expect(one).toMatchObject({ reason: { code: '57P01' } })
})
