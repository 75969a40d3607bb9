import { randomBytes } from 'node:crypto'
import { inTransaction } from '@quits/kit/postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeTestDatabase, type TestDatabase } from '../testing/database.ts'
import { makeRelayThread, type RelayPlan } from './relay-thread.ts'
import { addEvents } from './store.ts'

const timeout = 60_000
const nowhere = '127.0.0.1:9'
const kafkaBrokers = process.env['KAFKA_URL']

let database: TestDatabase
beforeAll(async () => {
  database = await makeTestDatabase()
})
afterAll(() => database.drop())

const planOf = (away: Partial<RelayPlan> = {}): RelayPlan => {
  if (kafkaBrokers === undefined) throw new Error('KAFKA_URL is missing')
  const brokerPrefix = `test-${randomBytes(4).toString('hex')}`
  return {
    postgresUrl: database.url,
    kafkaBrokers,
    brokerPrefix,
    logLevel: 'silent',
    giveWayMsMax: 0,
    ...away,
  }
}
const waiting = async () => {
  const { rows } = await database.admin.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM outbox_batches',
  )
  return rows[0]?.count
}
/** Relays that lead: each holds a lock. */
const leaders = async () => {
  const { rows } = await database.admin.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM pg_locks
     WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
  )
  return rows[0]?.count
}
const write = (...ids: string[]) =>
  inTransaction(database.pool, (connection) =>
    addEvents(
      connection,
      ids.map((id) => ({ topic: 'books', key: 'k', event: { id, words: 'x'.repeat(400) } })),
    ),
  )

test('the thread carries events, and before it ends what was committed before the word to stop', {
  timeout,
}, async () => {
  const stop = new AbortController()
  const running = makeRelayThread(planOf()).run(stop.signal)
  try {
    await write('k:1')
    await expect.poll(waiting, { timeout: 30_000 }).toBe(0)
    await write('k:2')
  } finally {
    stop.abort()
    await running
  }
  expect(await waiting()).toBe(0)
})

test('it ends when it is told to while Postgres is away', { timeout }, async () => {
  const stop = new AbortController()
  const away = { postgresUrl: `postgres://nobody@${nowhere}/none` }
  const running = makeRelayThread(planOf(away)).run(stop.signal)
  stop.abort()
  await expect(running).resolves.toBeUndefined()
})

test('it ends when it is told to while Kafka is away, and what waits stays', {
  timeout,
}, async () => {
  await write('k:3')
  const stop = new AbortController()
  const running = makeRelayThread(planOf({ kafkaBrokers: nowhere })).run(stop.signal)
  try {
    await expect.poll(leaders, { timeout: 30_000 }).toBe(1)
  } finally {
    stop.abort()
    await running
  }
  expect(await waiting()).toBe(1)
})

test('it was told to stop before it began, and ends', { timeout }, async () => {
  const relay = makeRelayThread(planOf())
  await expect(relay.run(AbortSignal.abort())).resolves.toBeUndefined()
})

test('while its ledger is busy the events of a crowd wait; then all of them leave', {
  timeout,
}, async () => {
  await database.admin.query('DELETE FROM outbox_batches')
  let isBusy = true
  const relay = makeRelayThread(planOf({ giveWayMsMax: 600_000 }), undefined, () => isBusy)
  const stop = new AbortController()
  const running = relay.run(stop.signal)
  const ids = Array.from({ length: 20 }, (_, index) => `k:${index}`)
  /** Far more than are written while a relay that gives no way rests. */
  const rowsMin = 300
  try {
    // What is written before it carries would wait anyhow.
    await write('k:first')
    await expect.poll(waiting, { timeout: 30_000 }).toBe(0)
    for (let turn = 0; turn < 2_000 && ((await waiting()) ?? 0) < rowsMin; turn += 1) {
      await write(...ids)
      relay.wake()
    }
    expect(await waiting()).toBeGreaterThanOrEqual(rowsMin)
    isBusy = false
    await expect.poll(waiting, { timeout: 30_000 }).toBe(0)
  } finally {
    stop.abort()
    await running
  }
})
