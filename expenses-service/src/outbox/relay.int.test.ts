import { makeLog } from '@quits/kit/log'
import { inTransaction } from '@quits/kit/postgres'
import type { Part } from '@quits/kit/run'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeTestDatabase, type TestDatabase } from '../testing/database.ts'
import { makeRelay } from './relay.ts'
import { addEvents, deleteWaiting, oldestBatches } from './store.ts'

const log = makeLog({ service: 'test', level: 'silent' })

let database: TestDatabase
beforeAll(async () => {
  database = await makeTestDatabase()
})
afterAll(() => database.drop())

const eventOf = (key: string) => ({ topic: 'books' as const, key, event: { id: key } })

test('the lower id that commits last is carried too; a cursor would have skipped it', async () => {
  const carried: string[] = []
  const relay = makeRelay({
    name: 'test relay',
    pool: database.pool,
    lockKey: 1,
    log,
    async carry(connection) {
      const batches = await oldestBatches(connection, 10)
      const events = batches.flatMap((batch) => batch.events)
      carried.push(...events.map(({ event }) => String(JSON.parse(event).id)))
      const ids = batches.map(({ id }) => id)
      await deleteWaiting(connection, 'outbox_batches', ids)
      return batches.length === 0 ? 'when woken' : 'at once'
    },
  })
  const slow = await database.pool.connect()
  await slow.query('BEGIN')
  await addEvents(slow, [eventOf('slow')])
  await inTransaction(database.pool, (connection) => addEvents(connection, [eventOf('fast')]))
  const own = new AbortController()
  const relaying = relay.run(own.signal)
  await expect.poll(() => carried).toEqual(['fast'])
  await slow.query('COMMIT')
  slow.release()
  relay.wake()
  await expect.poll(() => carried).toEqual(['fast', 'slow'])
  own.abort()
  await relaying
})

test('rows are found by their index, whatever the table held when that was planned', async () => {
  // Nearly empty is what it mostly is, and what a plan made then is best for is reading all of it.
  await database.admin.query('VACUUM ANALYZE outbox_batches')
  const scans = async () => {
    const { rows } = await database.admin.query<{ scans: string }>(
      `SELECT seq_scan AS scans FROM pg_stat_user_tables WHERE relname = 'outbox_batches'`,
    )
    return Number(rows[0]?.scans)
  }
  const before = await scans()
  let turns = 0
  const turnsMax = 12
  const carried = Promise.withResolvers<void>()
  const relay = makeRelay({
    name: 'test relay',
    pool: database.pool,
    lockKey: 3,
    log,
    async carry(connection) {
      if (turns === turnsMax) return 'when woken'
      const batches = await oldestBatches(connection, 10)
      await deleteWaiting(connection, 'outbox_batches', [0n, ...batches.map(({ id }) => id)])
      turns += 1
      if (turns === turnsMax) {
        await connection.query('SELECT pg_stat_force_next_flush()')
        carried.resolve()
      }
      return 'at once'
    },
  })
  const own = new AbortController()
  const relaying = relay.run(own.signal)
  await carried.promise
  own.abort()
  await relaying
  expect(await scans()).toBe(before)
})

test('a second relay of the same table waits while the first one leads', async () => {
  let carriedBySecond = 0
  const lead = (onCarry: () => void): Part =>
    makeRelay({
      name: 'rival',
      pool: database.pool,
      lockKey: 2,
      log,
      async carry() {
        onCarry()
        return 'when woken'
      },
    })
  const first = new AbortController()
  const led = Promise.withResolvers<void>()
  const running = lead(() => led.resolve()).run(first.signal)
  await led.promise
  const second = new AbortController()
  const took = Promise.withResolvers<void>()
  const waiting = lead(() => {
    carriedBySecond += 1
    took.resolve()
  }).run(second.signal)
  const { rows } = await database.admin.query(
    `SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = 2 AND granted`,
  )
  expect([rows.length, carriedBySecond]).toEqual([1, 0])
  first.abort()
  await running
  await took.promise
  second.abort()
  await waiting
})
