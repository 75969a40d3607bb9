import { randomUUID } from 'node:crypto'
import { closeCodes } from '@quits/proto/feed'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type Bench, log, makeBench, makePerson, runParts, startNotifier } from '../test/bench.ts'
import { makeEvents } from '../test/events.ts'
import { makeTestFigures } from '../test/figures.ts'
import { openClient } from '../test/feed-client.ts'
import { makeAppend } from './append.ts'
import { makeErase } from './erase.ts'
import { makeErasureStore } from './erasure-store.ts'
import { makeFeedStore, makeMongo, rowsOf } from './feed-store.ts'
import { makeHeads } from './heads.ts'
import { makeIngest } from './ingest.ts'
import { notificationsOf } from './notifications.ts'
import { makePreferenceStore } from './preference-store.ts'

const bound = { timeout: 40_000, interval: 50 }
let bench: Bench
let mongo: ReturnType<typeof makeMongo>
let stopMongo: () => Promise<void>

beforeAll(async () => {
  bench = await makeBench()
  mongo = makeMongo({ url: bench.env.MONGO_URL, database: bench.prefix, log })
  stopMongo = runParts([mongo.part])
  await mongo.indexed
})
afterAll(async () => {
  await stopMongo()
  await bench.stop()
})

const rows = () => rowsOf(mongo.database)
const pair = () => ({ lender: randomUUID(), borrower: randomUUID() })
const store = (people: ReturnType<typeof pair>, count: number) => {
  const feeds = makeFeedStore(mongo.database)
  const append = makeAppend({
    store: feeds,
    heads: makeHeads({ store: feeds, now: Date.now }),
    now: Date.now,
  })
  return append(makeEvents(people, count).flatMap(notificationsOf))
}
const deleted = (userId: string) => ({
  id: `${userId}:deleted`,
  specversion: '1.0',
  source: '/expenses',
  type: 'user.deleted.v1',
  time: '2026-11-01T10:00:00.000Z',
  datacontenttype: 'application/json',
  data: { userId },
})
const isGone = async (userId: string) =>
  vi.waitFor(async () => expect(await rows().countDocuments({ userId })).toBe(0), bound)

test('whose account is gone loses feed, preferences, tickets and sockets; others lose nothing', async () => {
  const notifiers = await Promise.all([startNotifier(bench), startNotifier(bench)])
  const [here, there] = notifiers
  const people = pair()
  const bo = makePerson(people.borrower)
  // More than one piece of a removal, and what a rebuild left behind.
  await store(people, 1_100)
  await rows().updateMany({ userId: bo.userId, seq: { $lte: 20 } }, { $set: { epoch: 7 } })
  const mutes = [{ type: 'debt', id: randomUUID() }]
  await here.ask(bo, 'PUT', '/v1/notifications/preferences', { mutes })
  const sockets = await Promise.all([here.connect(bo), there.connect(bo)])
  await Promise.all(sockets.map((socket) => socket.frame('welcome')))
  const spare = await there.ticket(bo)

  await bench.send(bench.topics.users, [deleted(bo.userId)])
  const closed = await Promise.all(sockets.map((socket) => socket.closed()))
  expect(closed).toEqual([closeCodes.unauthenticated, closeCodes.unauthenticated])
  await isGone(bo.userId)
  const late = await openClient(here.socketUrl)
  late.say({ type: 'connect', ticket: spare, device: 'late' })
  expect(await late.closed()).toBe(closeCodes.unauthenticated)
  expect(await rows().countDocuments({ userId: people.lender })).toBe(1_100)
  const kept = await mongo.database.collection<{ _id: string }>('preferences').findOne({
    _id: bo.userId,
  })
  expect(kept).toEqual({ _id: bo.userId, version: 2, mutes: [], erasedAt: expect.any(Date) })

  // The word comes again, and an event of a debt still names the person.
  await bench.send(bench.topics.users, [deleted(bo.userId)])
  const ana = await here.connect(makePerson(people.lender), { epoch: 1, seq: 1_100 })
  await bench.send(bench.topics.books, makeEvents(people, 2))
  await ana.event(1_102)
  expect(await rows().countDocuments({ userId: bo.userId })).toBe(0)
  ana.close()
  await Promise.all(notifiers.map((notifier) => notifier.stop()))
})

test('a word that came while no notifier ran is heard by the next one, and poison beside it is buried', async () => {
  const people = pair()
  await store(people, 5)
  await bench.sendRaw(bench.topics.users, '{"half":')
  await bench.send(bench.topics.users, [deleted(people.borrower)])
  const letters: string[] = []
  const reader = bench.kafka.makeConsumer({
    groupId: `${bench.prefix}-dead-users`,
    topics: [bench.topics.deadOf(bench.topics.users)],
    fromBeginning: true,
    onBatch: async (records) => void letters.push(...records.map(({ value }) => value)),
  })
  const notifier = await startNotifier(bench)
  await isGone(people.borrower)
  const stopper = new AbortController()
  const reading = reader.run(stopper.signal)
  await vi.waitFor(() => expect(letters.join()).toMatch('not JSON'), bound)
  stopper.abort()
  await reading
  await notifier.stop()
})

/** An erasure and a notifier that hears of one more event afterwards; how many rows are left? */
const lateEvent = async (mark: boolean) => {
  const people = pair()
  await store(people, 3)
  const preferences = makePreferenceStore(mongo.database, Date.now)
  const erase = makeErase({
    preferences: mark ? preferences : { erase: async () => {} },
    tellPreferring: () => {},
    tickets: { revoke: async () => {} },
    erasures: makeErasureStore(mongo.database),
    figures: makeTestFigures(),
  })
  expect(await erase(people.borrower)).toBe(3)
  const feeds = makeFeedStore(mongo.database)
  const ingest = makeIngest({
    append: makeAppend({
      store: feeds,
      heads: makeHeads({ store: feeds, now: Date.now }),
      now: Date.now,
    }),
    preferences,
    bury: async () => {},
    hint: () => {},
    figures: makeTestFigures(),
    lag: { began: () => {}, ended: () => {} },
  })
  const records = makeEvents(people, 1).map((event) => ({
    topic: bench.topics.books,
    partition: 0,
    offset: '0',
    timestampMs: 0,
    key: '',
    value: JSON.stringify(event),
  }))
  await ingest(records)
  return rows().countDocuments({ userId: people.borrower })
}

test('an event that still names a person who is gone brings nothing back', async () => {
  expect(await lateEvent(true)).toBe(0)
})

test('broken twin: an erasure that leaves no mark is undone by the next event', async () => {
  expect(await lateEvent(false)).toBe(1)
})

test('an erasure that dies half-way is finished by the next one', async () => {
  const people = pair()
  await store(people, 700)
  const real = makeErasureStore(mongo.database)
  const parts = {
    preferences: makePreferenceStore(mongo.database, Date.now),
    tellPreferring: () => {},
    tickets: { revoke: async () => {} },
    figures: makeTestFigures(),
  }
  const dying = makeErase({
    ...parts,
    erasures: {
      ...real,
      async removeRows(userId) {
        await rows().deleteMany({ userId, seq: { $lte: 500 } })
        throw new Error('killed')
      },
    },
  })
  await expect(dying(people.borrower)).rejects.toThrow('killed')
  expect(await makeErase({ ...parts, erasures: real })(people.borrower)).toBe(200)
  expect(await rows().countDocuments({ userId: people.borrower })).toBe(0)
})
