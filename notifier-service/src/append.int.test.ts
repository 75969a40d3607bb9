import { randomUUID } from 'node:crypto'
import type { Db } from 'mongodb'
import { expect, test } from 'vitest'
import { makeEvent, makeEvents } from '../test/events.ts'
import { useMongo } from '../test/mongo.ts'
import { makeAppend } from './append.ts'
import { type FeedRow, type FeedStore, makeFeedStore, rowsOf } from './feed-store.ts'
import { makeHeads } from './heads.ts'
import { notificationsOf } from './notifications.ts'

const mongo = useMongo()
const store = makeFeedStore(mongo.database)

const now = Date.now
/** One ingesting process, as far as feeds are concerned. */
const makeIngester = (over: FeedStore = store) =>
  makeAppend({ store: over, heads: makeHeads({ store: over, now }), now })

const people = () => ({ lender: randomUUID(), borrower: randomUUID() })
const seqsOf = async (userId: string, database: Db = mongo.database) =>
  (await rowsOf(database).find({ userId }).sort({ seq: 1 }).toArray()).map((row) => row.seq)
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1)

test('each event gets the next number in the feed of each of its parties', async () => {
  const pair = people()
  const append = makeIngester()
  const { rows, heads } = await append(makeEvents(pair, 3).flatMap(notificationsOf))
  expect(rows).toHaveLength(6)
  expect(heads.get(pair.borrower)).toEqual({ epoch: 1, seq: 3 })
  await append(makeEvents(pair, 2).flatMap(notificationsOf))
  expect(await seqsOf(pair.lender)).toEqual(upTo(5))
  expect(await seqsOf(pair.borrower)).toEqual(upTo(5))
})

test('a batch that comes again, to this process or another, changes nothing', async () => {
  const pair = people()
  const drafts = makeEvents(pair, 5).flatMap(notificationsOf)
  const append = makeIngester()
  await append(drafts)
  const again = await append(drafts)
  const elsewhere = await makeIngester()(drafts)
  expect([again.rows, elsewhere.rows]).toEqual([[], []])
  // A repeat still says where the feed stands: the first hint may never have left.
  expect(elsewhere.heads.get(pair.lender)).toEqual({ epoch: 1, seq: 5 })
  expect(await seqsOf(pair.lender)).toEqual(upTo(5))
})

test('what stands is told at once, also while a look for a switched epoch takes its time', async () => {
  const pair = people()
  const look = Promise.withResolvers<Map<string, number>>()
  const slow = { ...store, rebuiltSince: () => look.promise }
  const told: FeedRow[] = []
  const onStored = (rows: FeedRow[]) => told.push(...rows)
  const heads = makeHeads({ store: slow, now })
  const append = makeAppend({ store: slow, heads, onStored, now })
  let done = false
  const appending = append(makeEvents(pair, 2).flatMap(notificationsOf)).finally(() => {
    done = true
  })
  await expect.poll(() => told.length, { timeout: 10_000 }).toBe(4)
  expect(done).toBe(false)
  expect(await seqsOf(pair.borrower)).toEqual([1, 2])
  look.resolve(new Map())
  expect((await appending).rows).toEqual(told)
})

test('an event that is twice in one batch is stored once', async () => {
  const pair = people()
  const [event] = makeEvents(pair, 1)
  const twice = event === undefined ? [] : [event, event]
  await makeIngester()(twice.flatMap(notificationsOf))
  expect(await seqsOf(pair.borrower)).toEqual([1])
})

test('new events of known feeds cost two inserts and no look', async () => {
  const pairs = Array.from({ length: 8 }, people)
  const questions = { inserts: 0, looks: 0 }
  let switches = 0
  const asking: FeedStore = {
    ...store,
    rebuiltSince: (at: Date) => {
      switches += 1
      return store.rebuiltSince(at)
    },
    existing: (ids) => {
      questions.looks += 1
      return store.existing(ids)
    },
    insert: (rows, ordered) => {
      questions.inserts += 1
      return store.insert(rows, ordered)
    },
  }
  const append = makeAppend({
    store: asking,
    heads: makeHeads({ store: asking, now }),
    now,
    switchesHoldMs: 60_000,
  })
  // The lender of the first pair is in all of them, and has several rows in each batch.
  const [first = people()] = pairs
  const turn = () =>
    pairs
      .flatMap(({ borrower }) => makeEvents({ ...first, borrower }, 2))
      .concat(makeEvents(people(), 1))
      .flatMap(notificationsOf)
  await append(turn())
  expect(questions).toEqual({ inserts: 2, looks: 0 })
  const again = turn()
  await append(again)
  expect(questions).toEqual({ inserts: 4, looks: 0 })
  expect(await seqsOf(first.lender)).toEqual(upTo(32))
  // Only what was refused is looked for.
  await append(again)
  expect(questions.looks).toBe(1)
  expect(await seqsOf(first.lender)).toEqual(upTo(32))
  // The answer to the first turn's question holds for the others.
  expect(switches).toBe(1)
})

/** Four processes get overlapping batches of the same events at the same time. */
const race = async (makeOne: () => ReturnType<typeof makeIngester>) => {
  const pair = people()
  const others = Array.from({ length: 5 }, () => makeEvents({ ...pair, borrower: randomUUID() }, 6))
  const shared = makeEvents(pair, 12)
  const batches = [shared, shared.slice(0, 7), shared.slice(5), ...others]
  await Promise.all(batches.map((events) => makeOne()(events.flatMap(notificationsOf))))
  return { lender: await seqsOf(pair.lender), expected: upTo(12 + 30) }
}

test('racing ingesters leave no hole, no repeat and no lost event', async () => {
  const { lender, expected } = await race(() => makeIngester())
  expect(lender).toEqual(expected)
})

test('broken twin: an ingester that does not look again after a refusal loses events', async () => {
  const blind: FeedStore = {
    ...store,
    // Calls every refusal a repeat.
    insert: async (rows, ordered) => {
      await store.insert(rows, ordered)
      return new Set()
    },
  }
  const { lender, expected } = await race(() => makeIngester(blind))
  expect(lender).not.toEqual(expected)
})

test('a crash after the write and before the answer repeats nothing', async () => {
  const pair = people()
  const drafts = makeEvents(pair, 4).flatMap(notificationsOf)
  let crashes = 1
  const crashing: FeedStore = {
    ...store,
    insert: async (rows, ordered) => {
      const refused = await store.insert(rows, ordered)
      if (crashes > 0) {
        crashes -= 1
        throw new Error('the reply was lost')
      }
      return refused
    },
  }
  const append = makeIngester(crashing)
  await expect(append(drafts)).rejects.toThrow('the reply was lost')
  await append(drafts)
  await append(makeEvents(pair, 1).flatMap(notificationsOf))
  expect(await seqsOf(pair.lender)).toEqual(upTo(5))
  expect(await seqsOf(pair.borrower)).toEqual(upTo(5))
})

test('a process with an old head in memory tries above the true one', async () => {
  const pair = people()
  const sleeper = makeIngester()
  await sleeper(makeEvents(pair, 1).flatMap(notificationsOf))
  await makeIngester()(makeEvents(pair, 30).flatMap(notificationsOf))
  await sleeper(makeEvents(pair, 2).flatMap(notificationsOf))
  expect(await seqsOf(pair.borrower)).toEqual(upTo(33))
})

test('an opening sent again for a newcomer joins only the newcomer’s feed', async () => {
  const pair = people()
  const bookId = randomUUID()
  const alone = makeEvent(pair, {
    type: 'debt.proposed.v1',
    data: { bookId, parties: [{ userId: pair.lender, role: 'lender', concealed: false }] },
  })
  const append = makeIngester()
  await append(notificationsOf(alone))
  await append(notificationsOf(makeEvent(pair, { type: 'debt.proposed.v1', data: { bookId } })))
  expect(await seqsOf(pair.lender)).toEqual([1])
  expect(await seqsOf(pair.borrower)).toEqual([1])
})

test('a rebuilt feed goes on in its new epoch', async () => {
  const pair = people()
  await makeIngester()(makeEvents(pair, 3).flatMap(notificationsOf))
  await mongo.database
    .collection<{ _id: string; epoch: number }>('epochs')
    .insertOne({ _id: pair.lender, epoch: 2 })
  await makeIngester()(makeEvents(pair, 2).flatMap(notificationsOf))
  expect(await store.head(pair.lender)).toEqual({ epoch: 2, seq: 2 })
  expect(await store.head(pair.borrower)).toEqual({ epoch: 1, seq: 5 })
})
