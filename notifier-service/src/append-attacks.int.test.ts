/**
 * Attacks on each claim in the head of `append.ts`: crashes in the middle of a write, races, runs of
 * retention, redelivery, heads that are old or many. Beside each stands what would be lost without
 * the means that the claim names.
 */
import { randomInt, randomUUID } from 'node:crypto'
import type { BookEvent } from '@quits/proto/books'
import { describe, expect, test } from 'vitest'
import { makeEvents } from '../test/events.ts'
import { useMongo } from '../test/mongo.ts'
import { makeAppend } from './append.ts'
import { makeEpochStore } from './epoch-store.ts'
import { type FeedRow, type FeedStore, makeFeedStore, rowsOf } from './feed-store.ts'
import { type Heads, makeHeads } from './heads.ts'
import { notificationsOf } from './notifications.ts'
import { sweep } from './retention.ts'

const dayMs = 86_400_000
const mongo = useMongo()
const store = makeFeedStore(mongo.database)
const rows = () => rowsOf(mongo.database)

const pair = () => ({ lender: randomUUID(), borrower: randomUUID() })
const upTo = (count: number, from = 1) => Array.from({ length: count }, (_, i) => from + i)
const seqsOf = async (userId: string) =>
  (await rows().find({ userId }).sort({ seq: 1 }).toArray()).map(({ seq }) => seq)

/** One process; what it stores for the borrower alone, so that each batch is one ordered insert. */
const makeProcess = (
  over: { store?: FeedStore; heads?: Heads; now?: () => number } = {},
): ((events: BookEvent[]) => Promise<unknown>) => {
  const now = over.now ?? Date.now
  const own = over.store ?? store
  const append = makeAppend({
    store: own,
    heads: over.heads ?? makeHeads({ store: own, now }),
    now,
  })
  return (events) =>
    append(
      events.flatMap((event) =>
        notificationsOf(event).filter(({ userId }) => userId === event.data.parties[1]?.userId),
      ),
    )
}
const storeWith = (own: Partial<FeedStore>): FeedStore => ({ ...store, ...own })
const sweepAt = (day: number, signal = new AbortController().signal) =>
  sweep(mongo.database, store, { from: new Date(0), cutoff: new Date(day * dayMs) }, signal)

describe('a crash in the middle of a write', () => {
  /** Killed when `written` of a batch stand; the batch comes again to the next process. */
  const killedAfter = async (written: number, order: (batch: FeedRow[]) => FeedRow[]) => {
    const people = pair()
    const events = makeEvents(people, 6)
    const dying = storeWith({
      async insert(batch, ordered) {
        const some = order(batch).slice(0, written)
        if (some.length > 0) await store.insert(some, ordered)
        throw new Error('killed')
      },
    })
    await expect(makeProcess({ store: dying })(events)).rejects.toThrow('killed')
    await makeProcess()([...makeEvents(people, 2), ...events])
    return seqsOf(people.borrower)
  }

  test.each(upTo(7, 0))('%i of six rows stand: no hole, and nothing twice', async (written) => {
    expect(await killedAfter(written, (batch) => batch)).toEqual(upTo(8))
  })

  test('broken twin: rows that are written in no order leave a hole', async () => {
    expect(await killedAfter(2, (batch) => batch.toReversed())).not.toEqual(upTo(8))
  })

  test('broken twin: a counter that is ahead of the rows leaves a hole', async () => {
    const people = pair()
    let reserved = 0
    const counter: Heads = {
      async of(userIds) {
        const seq = reserved
        reserved += 3
        return new Map(userIds.map((userId) => [userId, { epoch: 1, seq }]))
      },
      moved() {},
      forget() {},
    }
    let isDead = false
    const dying = storeWith({
      insert: (batch, ordered) =>
        isDead ? store.insert(batch, ordered) : Promise.reject(new Error('killed')),
    })
    const counting = makeProcess({ store: dying, heads: counter })
    const events = makeEvents(people, 3)
    await expect(counting(events)).rejects.toThrow('killed')
    isDead = true
    await counting(events)
    expect(await seqsOf(people.borrower)).not.toEqual(upTo(3))
  })
})

describe('redelivery', () => {
  /** Rivals store the same events before the insert, half of them, and all after the first look. */
  const rival = async (idOf: (row: FeedRow) => string, knows = store.existing) => {
    const people = pair()
    const events = makeEvents(people, 4)
    let inserts = 0
    let looks = 0
    const late = storeWith({
      async existing(ids) {
        const found = await knows(ids)
        looks += 1
        if (looks === 1) await makeProcess()(events)
        return found
      },
      async insert(batch, ordered) {
        inserts += 1
        if (inserts === 1) await makeProcess()(events.slice(0, 2))
        for (const row of batch) row._id = idOf(row)
        return store.insert(batch, ordered)
      },
    })
    // One that does not know its own rows again tries until it gives up.
    await makeProcess({ store: late })(events).catch(() => undefined)
    return seqsOf(people.borrower)
  }

  test('an event that a rival stores before the insert or before the next is stored once', async () => {
    expect(await rival(({ _id }) => _id)).toEqual(upTo(4))
  })

  test('broken twin: rows under names of their own are stored twice', async () => {
    // Such names can't be looked up, either.
    const seqs = await rival(
      () => randomUUID(),
      async () => new Set(),
    )
    expect(seqs.length).toBeGreaterThan(4)
  })
})

describe('a head that is old', () => {
  /** Sleeps while others store and retention sweeps; then stores again. */
  const sleeper = async (makeOwn: (now: () => number) => Heads) => {
    const people = pair()
    const clock = { nowMs: dayMs }
    const now = () => clock.nowMs
    const sleeping = makeProcess({ heads: makeOwn(now), now })
    await sleeping(makeEvents(people, 1))
    await makeProcess({ now })(makeEvents(people, 30))
    clock.nowMs += 120 * dayMs
    await sweepAt(100)
    await sleeping(makeEvents(people, 2))
    return seqsOf(people.borrower)
  }

  test('is forgotten long before its numbers could be free again', async () => {
    expect(await sleeper((now) => makeHeads({ store, now }))).toEqual([31, 32, 33])
  })

  test('broken twin: a head that is remembered for ever uses numbers again', async () => {
    expect(await sleeper(() => makeHeads({ store, now: () => 0 }))).not.toEqual([31, 32, 33])
  })

  test('heads are bounded: the one that was asked for longest ago leaves', async () => {
    let asked = 0
    const heads = makeHeads({
      store: {
        async head() {
          asked += 1
          return { epoch: 1, seq: 0 }
        },
      },
      now: () => 0,
    })
    await heads.of(upTo(50_001).map((id) => `u${id}`))
    await heads.of(['u50001'])
    expect(asked).toBe(50_001)
    await heads.of(['u1'])
    expect(asked).toBe(50_002)
  })
})

test('a turn that was refused in the former epoch of a rebuilt feed leaves nothing there', async () => {
  const people = pair()
  const [first, second] = makeEvents(people, 2)
  const now = Date.now
  const append = makeAppend({ store, heads: makeHeads({ store, now }), now, switchesHoldMs: 0 })
  const draftsOf = (...events: (BookEvent | undefined)[]) =>
    events
      .flatMap((event) => (event === undefined ? [] : notificationsOf(event)))
      .filter(({ userId }) => userId === people.borrower)
  await append(draftsOf(first))
  await makeEpochStore(mongo.database, store).switchTo(people.borrower, 2, new Date())
  // The second one goes into the former epoch, where the first one is refused as a repeat.
  const { rows: stored } = await append(draftsOf(second, first))
  expect(stored.map(({ epoch, seq, id }) => [epoch, seq, id])).toEqual([
    [2, 1, first?.id],
    [2, 2, second?.id],
  ])
})

describe('a run of retention', () => {
  /** Old rows are swept again and again while new ones are stored. */
  const sweptMeanwhile = async (sweepOnce: () => Promise<unknown>) => {
    const people = pair()
    await makeProcess({ now: () => dayMs })(makeEvents(people, 40))
    const ingester = makeProcess()
    for (let round = 0; round < 10; round += 1) {
      await Promise.all([ingester(makeEvents(people, 3)), sweepOnce(), sweepOnce()])
    }
    return seqsOf(people.borrower)
  }

  test('takes a prefix and nothing else, whatever is stored meanwhile', async () => {
    expect(await sweptMeanwhile(() => sweepAt(40))).toEqual(upTo(30, 41))
  })

  test('broken twin: one that takes the newest row, too, lets numbers come again', async () => {
    const people = pair()
    await makeProcess({ now: () => dayMs })(makeEvents(people, 5))
    await rows().deleteMany({ userId: people.borrower, storedAt: { $lt: new Date(40 * dayMs) } })
    await makeProcess()(makeEvents(people, 1))
    expect(await seqsOf(people.borrower)).toEqual([1])
  })

  test('that dies half-way leaves a gap that is told, and the next one finishes', async () => {
    const people = pair()
    await makeProcess({ now: () => dayMs })(makeEvents(people, 20))
    await makeProcess()(makeEvents(people, 5))
    // A ragged prefix, as an interrupted delete may leave it.
    await rows().deleteMany({ userId: people.borrower, seq: { $in: [1, 2, 4, 7] } })
    await sweepAt(40)
    await makeProcess()(makeEvents(people, 1))
    expect(await seqsOf(people.borrower)).toEqual(upTo(6, 21))
  })

  test('that was told to stop removes nothing more', async () => {
    const people = pair()
    await makeProcess({ now: () => dayMs })(makeEvents(people, 20))
    expect(await sweepAt(40, AbortSignal.abort())).toMatchObject({ removed: 0 })
  })
})

/** Fails before, after, or in the middle of a write, as `dice` falls. */
const shaky = (dice: () => number): FeedStore =>
  storeWith({
    async insert(batch, ordered) {
      const side = dice()
      if (side === 0) throw new Error('killed before')
      if (side === 1 && ordered) await store.insert(batch.slice(0, 1), true)
      if (side === 1) throw new Error('killed within')
      const refused = await store.insert(batch, ordered)
      if (side === 2) throw new Error('killed after')
      return refused
    },
  })

/** Comes again with the same batch until it is stored, as Kafka would. */
const untilStored = async (process: ReturnType<typeof makeProcess>, batch: BookEvent[]) => {
  for (let attempt = 0; attempt < 60; attempt += 1) {
    if (await process(batch).then(Boolean, () => false)) return
  }
  throw new Error('never stored')
}

test('all of it at once: three processes that die and repeat, under sweeps, end with 1 to n', async () => {
  const people = pair()
  const dice = () => randomInt(6)
  const events = makeEvents(people, 60)
  const batches = upTo(12, 0).map((index) => events.slice(index * 5, index * 5 + 5))
  const lanes = upTo(3).map(() => makeProcess({ store: shaky(dice) }))
  await Promise.all([
    ...lanes.map(async (process, lane) => {
      for (const [index, batch] of batches.entries()) {
        // Each batch reaches two of the three.
        if (index % 3 !== lane) await untilStored(process, batch)
      }
    }),
    sweepAt(40),
  ])
  expect(await seqsOf(people.borrower)).toEqual(upTo(60))
  const ids = (await rows().find({ userId: people.borrower }).toArray()).map(({ id }) => id)
  expect(new Set(ids).size).toBe(60)
})

test('a store without its referee is not ready', async () => {
  expect(await mongo.ready()).toBe(true)
  await rows().dropIndex('userId_1_epoch_1_seq_1')
  expect(await mongo.ready()).toBe(false)
  await rows().createIndex({ userId: 1, epoch: 1, seq: 1 })
  expect(await mongo.ready()).toBe(false)
})
