import { randomBytes } from 'node:crypto'
import { inTransaction } from '@quits/kit/postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeTestDatabase, type TestDatabase } from '../testing/database.ts'
import { makeRelayThread } from './relay-thread.ts'
import { addEvents } from './store.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await makeTestDatabase()
})
afterAll(() => database.drop())

const waiting = async () => {
  const { rows } = await database.admin.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM outbox_batches',
  )
  return rows[0]?.count
}
const write = (id: string) =>
  inTransaction(database.pool, (connection) =>
    addEvents(connection, [{ topic: 'books', key: 'k', event: { id } }]),
  )

test('the thread carries events, and before it ends what was committed before the word to stop', async () => {
  const stop = new AbortController()
  const running = makeRelayThread({
    postgresUrl: database.url,
    kafkaBrokers: process.env['KAFKA_URL'] ?? '',
    brokerPrefix: `test-${randomBytes(4).toString('hex')}`,
    logLevel: 'silent',
  }).run(stop.signal)
  await write('k:1')
  await expect.poll(waiting, { timeout: 30_000 }).toBe(0)
  await write('k:2')
  stop.abort()
  await running
  expect(await waiting()).toBe(0)
})
