import { randomUUID } from 'node:crypto'
import type { BookEvent } from '@quits/proto/books'
import { closeCodes } from '@quits/proto/feed'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Bench, log, makeBench, makePerson, runParts, startNotifier } from '../test/bench.ts'
import { makeEvent, makeEvents } from '../test/events.ts'
import { makeTestFigures } from '../test/figures.ts'
import { startJournal } from '../test/journal.ts'
import { makeAppend } from './append.ts'
import { makeEpochStore } from './epoch-store.ts'
import { makeErasureStore } from './erasure-store.ts'
import { type FeedRow, type FeedStore, makeFeedStore, makeMongo, rowsOf } from './feed-store.ts'
import { makeHeads } from './heads.ts'
import { makeInboxStore } from './inbox-store.ts'
import { makeJournal } from './journal.ts'
import { notificationsOf } from './notifications.ts'
import { makePreferenceStore } from './preference-store.ts'
import { makeRebuild } from './rebuild.ts'
import { makeReconcile } from './reconcile.ts'
import { reconcileAll } from './reconcile-part.ts'

const dayMs = 86_400_000
let bench: Bench
let mongo: ReturnType<typeof makeMongo>
let stopMongo: () => Promise<void>
let ledger: Awaited<ReturnType<typeof startJournal>>
let journal: ReturnType<typeof makeJournal>

beforeAll(async () => {
  bench = await makeBench()
  mongo = makeMongo({ url: bench.env.MONGO_URL, database: bench.prefix, log })
  stopMongo = runParts([mongo.part])
  await mongo.indexed
  ledger = await startJournal()
  journal = makeJournal(ledger.address)
})
afterAll(async () => {
  journal.close()
  await ledger.stop()
  await stopMongo()
  await bench.stop()
})

const upTo = (count: number, from = 1) => Array.from({ length: count }, (_, i) => from + i)
const rows = () => rowsOf(mongo.database)
const realAppend = (store: FeedStore = makeFeedStore(mongo.database)) =>
  makeAppend({ store, heads: makeHeads({ store, now: Date.now }), now: Date.now })

/** The parts of a repair on the real store; each test may bring one of its own. */
const makeRepairs = (own: { store?: FeedStore; append?: ReturnType<typeof realAppend> } = {}) => {
  const store = own.store ?? makeFeedStore(mongo.database)
  const epochs = makeEpochStore(mongo.database, store)
  const append = own.append ?? realAppend()
  const preferences = makePreferenceStore(mongo.database, Date.now)
  const erasures = makeErasureStore(mongo.database)
  const retentionMs = 400 * dayMs
  const inbox = makeInboxStore(mongo.database, store)
  const shared = { store, epochs, inbox, append, journal, preferences, retentionMs, now: Date.now }
  const rebuild = makeRebuild(shared)
  return {
    store,
    inbox,
    append,
    rebuild,
    reconcile: makeReconcile({ ...shared, erasures, rebuild }),
  }
}
const append = (events: BookEvent[]) => realAppend()(events.flatMap(notificationsOf))
const feedOf = async (userId: string): Promise<FeedRow[]> => {
  const { epoch } = await makeFeedStore(mongo.database).head(userId)
  return rows().find({ userId, epoch }).sort({ seq: 1 }).toArray()
}
const ids = (events: { id: string }[]) => events.map(({ id }) => id)
const pair = () => ({ lender: randomUUID(), borrower: randomUUID() })

test('a rebuilt feed has everything once, dense, with what its person did to it', async () => {
  const people = pair()
  const { borrower } = people
  const events = makeEvents(people, 12)
  const [first] = events
  const bookId = first?.data.bookId ?? ''
  const time = '2026-11-01T10:00:00.000Z'
  const changed = makeEvent(people, {
    type: 'debt.changed.v1',
    id: `${bookId}@13`,
    data: { bookId },
  })
  await append([...events, { ...changed, time }])
  ledger.state.events = events
  await rows().updateMany(
    { userId: borrower, epoch: 1, seq: { $lte: 4 } },
    { $set: { status: 'read' } },
  )
  await rows().deleteMany({ userId: borrower, epoch: 1, seq: { $in: [6, 9] } })

  const { epoch, rows: count } = await makeRepairs().rebuild(borrower)
  const feed = await feedOf(borrower)
  expect(count).toBe(13)
  expect(feed.map(({ seq }) => seq)).toEqual(upTo(13))
  expect(feed.every((row) => row.epoch === epoch && epoch > 1)).toBe(true)
  expect(ids(feed).filter((id) => id.includes(':'))).toEqual(ids(events))
  expect(ids(feed)).toContain(changed.id)
  expect(feed.filter(({ status }) => status === 'read').map(({ id }) => id)).toEqual(
    ids(events.slice(0, 4)),
  )
  expect(await rows().countDocuments({ userId: borrower, epoch: 1 })).toBe(0)
  // The other person's feed is another feed.
  expect((await feedOf(people.lender)).every((row) => row.epoch === 1)).toBe(true)
})

test('what is stored while a rebuild fills is in the new epoch, too', async () => {
  const people = pair()
  const [early, late, word] = makeEvents(people, 3)
  if (early === undefined || late === undefined || word === undefined) throw new Error('no events')
  const changed = { ...word, id: `${word.data.bookId}@9`, type: 'debt.changed.v1' as const }
  await append([early])
  ledger.state.events = [early]
  let reads = 0
  ledger.state.onRead = async () => {
    reads += 1
    if (reads > 1) return
    // After the journal was read, before the switch: it goes into the old epoch.
    ledger.state.events = [early, { ...late, time: new Date().toISOString() }]
    await append([late, changed])
    const place = { userId: people.borrower, epoch: 1 }
    const { inbox } = makeRepairs()
    await inbox.mark(place, { ids: [early.id, changed.id] }, 'read')
    await inbox.mark(place, { ids: [late.id] }, 'seen')
  }
  await makeRepairs().rebuild(people.borrower)
  ledger.state.onRead = async () => {}
  const feed = await feedOf(people.borrower)
  expect(ids(feed)).toEqual([early.id, changed.id, late.id])
  expect(feed.map(({ status }) => status)).toEqual(['read', 'read', 'seen'])
})

const storeWith = (own: Partial<FeedStore>): FeedStore => ({
  ...makeFeedStore(mongo.database),
  ...own,
})

/** A notifier that has the head in memory stores on after somebody else has switched the feed. */
const storeAfterSwitch = async (store: FeedStore) => {
  const people = pair()
  const [first, second] = makeEvents(people, 2)
  if (first === undefined || second === undefined) throw new Error('no events')
  const remembering = realAppend(store)
  await remembering(notificationsOf(first))
  ledger.state.events = [first]
  await makeRepairs().rebuild(people.borrower)
  const drafts = notificationsOf(second)
  const stored = await remembering(drafts)
  const feed = await feedOf(people.borrower)
  const standing = [...feed, ...(await feedOf(people.lender))].map(({ _id }) => _id)
  return {
    feed: ids(feed),
    wanted: [first.id, second.id],
    /** Rows that were told as stored. */
    told: stored.rows.map(({ _id }) => _id),
    standing,
    drafts: drafts.length,
  }
}

test('a notifier that remembers the former epoch stores again in the new one', async () => {
  const { feed, wanted, told, standing, drafts } = await storeAfterSwitch(storeWith({}))
  expect(feed).toEqual(wanted)
  // Both epochs have had a row of it; only the one that stands is told and counted.
  expect(told).toHaveLength(drafts)
  expect(standing).toEqual(expect.arrayContaining(told))
})

test('broken twin: one that never asks for switches loses the event', async () => {
  const { feed, wanted } = await storeAfterSwitch(
    storeWith({ rebuiltSince: async () => new Map<string, number>() }),
  )
  expect(feed).not.toEqual(wanted)
})

test('a rebuild that dies half-way has done nothing, and the next one succeeds', async () => {
  const people = pair()
  const events = makeEvents(people, 600)
  await append(events)
  ledger.state.events = events
  let inserts = 0
  const real = makeFeedStore(mongo.database)
  const dying = storeWith({
    insert: (some, ordered) => {
      inserts += 1
      return inserts > 1 ? Promise.reject(new Error('killed')) : real.insert(some, ordered)
    },
  })
  await expect(makeRepairs({ store: dying }).rebuild(people.borrower)).rejects.toThrow('killed')
  expect(await rows().countDocuments({ userId: people.borrower })).toBe(600)
  expect((await feedOf(people.borrower)).map(({ epoch }) => epoch)).toEqual(upTo(600).map(() => 1))
  await expect
    .poll(() => makeRepairs().rebuild(people.borrower), { timeout: 10_000, interval: 1_000 })
    .toMatchObject({ rows: 600 })
  const feed = await feedOf(people.borrower)
  expect(feed.map(({ seq }) => seq)).toEqual(upTo(600))
  expect(await rows().countDocuments({ userId: people.borrower })).toBe(600)
}, 120_000)

test('devices of a rebuilt feed come back, are told of the gap and go on', async () => {
  const notifier = await startNotifier(bench, { FEED_PING_MS: '200', FEED_PONG_MS: '5000' })
  const people = pair()
  const bo = makePerson(people.borrower)
  const events = makeEvents(people, 5)
  const client = await notifier.connect(bo, { epoch: 1, seq: 0 })
  await bench.send(bench.topics.books, events)
  await client.event(5)
  ledger.state.events = events
  const { epoch } = await makeRepairs().rebuild(people.borrower)
  expect(await client.closed()).toBe(closeCodes.resume)
  const again = await notifier.connect(bo, { epoch: 1, seq: 5 })
  expect(await again.frame('welcome')).toMatchObject({ epoch, head: 5, recovered: false })
  await again.frame('gap')
  await bench.send(bench.topics.books, makeEvents(people, 1))
  expect(await again.event(6)).toMatchObject({ seq: 6 })
  again.close()
  await notifier.stop()
})

test('a comparison brings no feed back to a person who is gone, and removes what was left', async () => {
  const people = pair()
  const events = makeEvents(people, 4)
  ledger.state.events = events
  await append(events.slice(0, 1))
  await makePreferenceStore(mongo.database, Date.now).erase(people.borrower)
  const { reconcile, rebuild } = makeRepairs()
  const span = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER }
  expect(await reconcile(people.borrower, span, { mend: true })).toMatchObject({ how: 'healthy' })
  expect(await feedOf(people.borrower)).toEqual([])
  await expect(rebuild(people.borrower)).rejects.toThrow('is gone')
  expect(await reconcile(people.lender, span, { mend: true })).toMatchObject({ how: 'stored' })
})

const feedsPlanted = 100
/** Each breaks the feed of one person in its own way. */
const plants: ((userId: string, seq: number) => Promise<unknown>)[] = [
  // Never stored: the newest is not there.
  (userId) => rows().deleteOne({ userId, epoch: 1, seq: 6 }),
  // Lost: there is a hole.
  (userId, seq) => rows().deleteOne({ userId, epoch: 1, seq }),
  // Stored twice, by something that knows no ids.
  async (userId, seq) => {
    const row = await rows().findOne({ userId, epoch: 1, seq })
    if (row !== null) await rows().insertOne({ ...row, _id: `${row._id} again`, seq: 7 })
  },
  // Another event in the place of this one.
  (userId, seq) =>
    rows().updateOne({ userId, epoch: 1, seq }, { $set: { id: `${randomUUID()}:1` } }),
]

test('100 of 100 planted faults are found and mended; a healthy feed has none', async () => {
  const people = Array.from({ length: feedsPlanted }, pair)
  const events = people.flatMap((each) => makeEvents(each, 6))
  await append(events)
  ledger.state.events = events
  for (const [index, { borrower }] of people.entries()) {
    await plants[index % plants.length]?.(borrower, 2 + (index % 4))
  }
  const figures = makeTestFigures()
  const { reconcile } = makeRepairs()
  const look = async () => {
    const mended: string[] = []
    await reconcileAll({
      journal,
      retentionDays: 400,
      figures,
      now: Date.now,
      log,
      signal: new AbortController().signal,
      async reconcile(...asked) {
        const found = await reconcile(...asked)
        if (found.how !== 'healthy') mended.push(found.userId)
        return found
      },
    })
    return mended.toSorted((one, other) => (one < other ? -1 : 1))
  }
  const broken = people
    .map(({ borrower }) => borrower)
    .toSorted((one, other) => (one < other ? -1 : 1))
  expect(await look()).toEqual(broken)
  expect((await figures.missing.get()).values[0]?.value).toBeGreaterThanOrEqual(feedsPlanted)
  expect(await look()).toEqual([])
  expect((await figures.missing.get()).values[0]?.value).toBe(0)
  for (const { borrower } of people) {
    const feed = await feedOf(borrower)
    expect(feed.map(({ seq }) => seq)).toEqual(upTo(feed.length))
    const wanted = ids(events.filter(({ data }) => data.parties[1]?.userId === borrower))
    expect(ids(feed)).toEqual(expect.arrayContaining(wanted))
    expect(new Set(ids(feed)).size).toBe(feed.length)
  }
}, 240_000)
