/** Faults that notifiers of this kind had: each under its id in our audit; may none come back. */
import { closeCodes } from '@quits/proto/feed'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { log, makeBench, runParts, startNotifier } from '../test/bench.ts'
import { makeEvents } from '../test/events.ts'
import { makeTestFigures } from '../test/figures.ts'
import { pair, type Scene, setScene, upTo } from '../test/scene.ts'
import { makeAppend } from './append.ts'
import { makeBooksPart, makeGraveyard } from './consumers.ts'
import { type FeedStore, makeFeedStore, makeMongo, rowsOf } from './feed-store.ts'
import { makeHeads } from './heads.ts'
import { makeIngest } from './ingest.ts'
import { notificationsOf } from './notifications.ts'
import { makePreferenceStore } from './preference-store.ts'

const bound = { timeout: 40_000, interval: 50 }
let scene: Scene

beforeAll(async () => {
  scene = await setScene()
})
afterAll(() => scene.close())

/** As another process stores that dies before its hint leaves. */
const storeUntold = (events: Parameters<typeof notificationsOf>[0][]) => {
  const store = makeFeedStore(scene.bench.database)
  const heads = makeHeads({ store, now: Date.now })
  return makeAppend({ store, heads, now: Date.now })(events.flatMap(notificationsOf))
}

/** A topic and a database of its own, for readers whose store breaks as the test wants it. */
const makeOwn = async () => {
  const own = await makeBench()
  const { kafka, prefix, topics } = own
  const mongo = makeMongo({ url: own.env.MONGO_URL, database: prefix, log })
  const stopMongo = runParts([mongo.part])
  await mongo.indexed
  return {
    store: makeFeedStore(mongo.database),
    rows: rowsOf(mongo.database),
    send: (events: { id: string }[]) => own.send(topics.books, events),
    /** Starts a process that ingests; `tell` hears of every word that leaves it. */
    read(store: FeedStore, tell: () => void = () => {}) {
      const heads = makeHeads({ store, now: Date.now })
      const ingest = makeIngest({
        append: makeAppend({ store, heads, now: Date.now }),
        preferences: makePreferenceStore(mongo.database, Date.now),
        bury: async () => {},
        hint: tell,
        figures: makeTestFigures(),
        lag: { began: () => {}, ended: () => {} },
      })
      const shape = { booksPartitions: 6, usersPartitions: 3, sessionMs: 10_000 }
      const graveyard = makeGraveyard(kafka, topics.deadOf(topics.books))
      const { indexed } = mongo
      const { part } = makeBooksPart({ kafka, prefix, log, ...shape, ingest, graveyard, indexed })
      return runParts([part])
    },
    async close(): Promise<void> {
      await stopMongo()
      await own.stop()
    },
  }
}

const untilStored = (userId: string, count: number, rows = scene.rows) =>
  vi.waitFor(async () => expect(await rows.countDocuments({ userId })).toBe(count), bound)

describe('nothing is lost', () => {
  test('L9: an event that could not be stored comes again, and nobody is told of it before', async () => {
    const own = await makeOwn()
    const { people, bo } = pair()
    let failuresLeft = 3
    const failing: FeedStore = {
      ...own.store,
      insert(batch, ordered) {
        failuresLeft -= 1
        if (failuresLeft >= 0) return Promise.reject(new Error('away'))
        return own.store.insert(batch, ordered)
      },
    }
    /** Whether the store worked when each word left. */
    const told: boolean[] = []
    const stop = own.read(failing, () => void told.push(failuresLeft < 0))
    await own.send(makeEvents(people, 5))
    await untilStored(bo.userId, 5, own.rows)
    await vi.waitFor(() => expect(told.length).toBeGreaterThan(0), bound)
    await stop()
    expect(told).not.toContain(false)
    await own.close()
  })

  test('N2: a process that dies among its writes leaves the rest to the next, which doubles none', async () => {
    const own = await makeOwn()
    const { people } = pair()
    let writes = 0
    const dying: FeedStore = {
      ...own.store,
      async insert(batch, ordered) {
        writes += 1
        if (writes % 2 === 0) await own.store.insert(batch, ordered)
        throw new Error('killed')
      },
    }
    const stopFirst = own.read(dying)
    await own.send(makeEvents(people, 40))
    await vi.waitFor(() => expect(writes).toBeGreaterThan(1), bound)
    await stopFirst()
    const stop = own.read(own.store)
    await own.send(makeEvents(people, 3))
    for (const userId of Object.values(people)) {
      await untilStored(userId, 43, own.rows)
      const feed = await own.rows.find({ userId }).sort({ seq: 1 }).toArray()
      expect(feed.map(({ seq }) => seq)).toEqual(upTo(43))
      expect(new Set(feed.map(({ id }) => id)).size).toBe(43)
    }
    await stop()
    await own.close()
  })

  test('L10: a first start reads what was sent before it, and a member that is new drops nothing', async () => {
    const early = await makeBench()
    const { people, bo } = pair()
    const newer = makeEvents(people, 3).map((event) => ({
      ...event,
      newer: true,
      data: { ...event.data, newer: { deep: 1 } },
    }))
    await early.send(early.topics.books, newer)
    const first = await startNotifier(early)
    const client = await first.connect(bo, { epoch: 1, seq: 0 })
    await client.event(3)
    expect(client.of('event').map(({ id }) => id)).toEqual(newer.map(({ id }) => id))
    client.close()
    await first.stop()
    await early.stop()
  })

  test('L11: a device goes on from what it has itself, however its connection and server ended', async () => {
    const { people, bo } = pair()
    const client = await scene.here.connect(bo)
    await client.frame('welcome')
    await scene.send(makeEvents(people, 3))
    await client.event(3)
    // Neither an ack nor a goodbye; two of the three are on the screen.
    client.socket.terminate()
    await scene.send(makeEvents(people, 2))
    const again = await scene.there.connect(bo, { epoch: 1, seq: 2 })
    await again.event(5)
    expect(again.seqs()).toEqual([3, 4, 5])
    again.close()
  })

  test('L12: nothing falls between the replay and the live events', async () => {
    const { people, bo } = pair()
    await scene.send(makeEvents(people, 20))
    await untilStored(bo.userId, 20)
    const sending = (async () => {
      for (let round = 0; round < 30; round += 1) await scene.send(makeEvents(people, 3))
    })()
    const joined: Awaited<ReturnType<Scene['here']['connect']>>[] = []
    for (let round = 0; round < 8; round += 1) {
      joined.push(
        await (round % 2 === 0 ? scene.here : scene.there).connect(bo, { epoch: 1, seq: round }),
      )
    }
    await sending
    await Promise.all(joined.map((client) => client.event(110)))
    expect(joined.map((client) => client.seqs())).toEqual(
      joined.map((_, round) => upTo(110 - round, round + 1)),
    )
    for (const client of joined) client.close()
  })

  test('L13: a first visit reaches everything there is, and a replay is oldest first', async () => {
    const { people, bo } = pair()
    await scene.send(makeEvents(people, 9))
    await untilStored(bo.userId, 9)
    const client = await scene.here.connect(bo, { epoch: 1, seq: 0 })
    await client.event(9)
    expect(client.seqs()).toEqual(upTo(9))
    const seqs: number[] = []
    for (let path: string | undefined = '?limit=4'; path !== undefined; ) {
      const { body } = await scene.there.ask(bo, 'GET', `/v1/notifications${path}`)
      seqs.push(...(body.items as { seq: number }[]).map(({ seq }) => seq))
      path = typeof body.next === 'string' ? `?limit=4&cursor=${body.next}` : undefined
    }
    expect(seqs).toEqual(upTo(9).toReversed())
    client.close()
  })

  test('L14: a hint that was lost is made good, also when a later one arrives', async () => {
    const { people, bo } = pair()
    const client = await scene.here.connect(bo)
    await client.frame('welcome')
    await storeUntold(makeEvents(people, 2))
    await scene.send(makeEvents(people, 1))
    await client.event(3)
    expect(client.seqs()).toEqual([1, 2, 3])
    await storeUntold(makeEvents(people, 1))
    await client.event(4)
    client.close()
  })
})

describe('nothing comes twice or in disorder', () => {
  test('D2: an event that is sent again is recognised by its id', async () => {
    const { people, bo } = pair()
    const events = makeEvents(people, 4)
    for (let time = 0; time < 3; time += 1) await scene.send(events)
    await scene.send(makeEvents(people, 1))
    const client = await scene.here.connect(bo, { epoch: 1, seq: 0 })
    await client.event(5)
    await untilStored(bo.userId, 5)
    expect(new Set(client.of('event').map(({ id }) => id)).size).toBe(5)
    client.close()
  })

  test('D3: events of one debt keep their order, also while processes join and leave', async () => {
    const { people, bo } = pair()
    const debts = Array.from({ length: 6 }, () => makeEvents(people, 20))
    const sendAt = (at: number) => scene.send(debts.flatMap((events) => events.slice(at, at + 1)))
    for (const at of upTo(8, 0)) await sendAt(at)
    const coming = startNotifier(scene.bench)
    for (const at of upTo(6, 8)) await sendAt(at)
    const leaving = (await coming).stop()
    for (const at of upTo(6, 14)) await sendAt(at)
    await leaving
    const client = await scene.there.connect(bo, { epoch: 1, seq: 0 })
    await client.event(120)
    for (const [first] of debts) {
      const ofDebt = client.of('event').filter(({ subject }) => subject.id === first?.data.bookId)
      expect(ofDebt.map(({ data }) => data.seq)).toEqual(upTo(20))
    }
    client.close()
  })
})

const ended = (sessionId: string, userId: string) => ({
  id: `${userId}:ended`,
  specversion: '1.0',
  source: '/expenses',
  type: 'session.revoked.v1',
  time: '2026-11-01T10:00:00.000Z',
  datacontenttype: 'application/json',
  data: { userId, sessionId },
})

test('I7: a page of another site gets nothing, and a session that ends takes its sockets along', async () => {
  const { bo } = pair()
  const evil = await scene.here.connect(bo, undefined, { origin: 'https://evil.test' })
  expect(await evil.closed()).toBe(closeCodes.origin)
  expect(evil.frames).toEqual([])
  const client = await scene.here.connect(bo)
  await client.frame('welcome')
  scene.bench.identity.ended.add(bo.sessionId)
  await scene.bench.send(scene.bench.topics.users, [ended(bo.sessionId, bo.userId)])
  expect(await client.closed()).toBe(closeCodes.unauthenticated)
})
