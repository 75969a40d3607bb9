import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { makeEvents } from '../test/events.ts'
import { useMongo } from '../test/mongo.ts'
import { makeAppend } from './append.ts'
import { makeFeedStore, rowOf, rowsOf } from './feed-store.ts'
import { makeHeads } from './heads.ts'
import { notificationsOf } from './notifications.ts'
import { sweep } from './retention.ts'

const mongo = useMongo()
const store = makeFeedStore(mongo.database)
const neverStop = new AbortController().signal

const storeAt = (day: number) => {
  const now = () => day * 86_400_000
  return makeAppend({ store, heads: makeHeads({ store, now }), now })
}
const sweepBefore = (day: number) =>
  sweep(mongo.database, store, { from: new Date(0), cutoff: dayOf(day) }, neverStop)
const dayOf = (day: number) => new Date(day * 86_400_000)
const seqsOf = async (userId: string) =>
  (await rowsOf(mongo.database).find({ userId }).sort({ seq: 1 }).toArray()).map((row) => row.seq)

test('only what is old goes, from the lower end, and numbers go on above the head', async () => {
  const people = { lender: randomUUID(), borrower: randomUUID() }
  await storeAt(1)(makeEvents(people, 3).flatMap(notificationsOf))
  await storeAt(50)(makeEvents(people, 2).flatMap(notificationsOf))
  expect(await sweepBefore(40)).toMatchObject({ removed: 6 })
  expect(await seqsOf(people.borrower)).toEqual([4, 5])
  await storeAt(60)(makeEvents(people, 1).flatMap(notificationsOf))
  expect(await seqsOf(people.borrower)).toEqual([4, 5, 6])
})

test('the newest row stays however old it is, so that no number comes again', async () => {
  const people = { lender: randomUUID(), borrower: randomUUID() }
  await storeAt(1)(makeEvents(people, 600).flatMap(notificationsOf))
  await sweepBefore(1_000)
  // All 1,200 rows carry one time: none of the two feeds may hide behind the other.
  expect(await seqsOf(people.lender)).toEqual([600])
  expect(await seqsOf(people.borrower)).toEqual([600])
  await storeAt(2_000)(makeEvents(people, 1).flatMap(notificationsOf))
  expect(await seqsOf(people.lender)).toEqual([600, 601])
})

test('a row whose clock ran behind its neighbours does not tear a hole', async () => {
  const people = { lender: randomUUID(), borrower: randomUUID() }
  await storeAt(1)(makeEvents(people, 1).flatMap(notificationsOf))
  await storeAt(50)(makeEvents(people, 1).flatMap(notificationsOf))
  await storeAt(2)(makeEvents(people, 1).flatMap(notificationsOf))
  await storeAt(51)(makeEvents(people, 1).flatMap(notificationsOf))
  await sweepBefore(40)
  expect(await seqsOf(people.borrower)).toEqual([2, 3, 4])
})

test('what a rebuild left that died before its switch goes, unless it may still be under way', async () => {
  const userId = randomUUID()
  const [event] = makeEvents({ lender: randomUUID(), borrower: userId }, 1)
  const drafts = event === undefined ? [] : notificationsOf(event)
  await storeAt(5_001)(drafts)
  for (const day of [5_002, 5_050]) {
    const place = { epoch: day * 86_400, seq: 1 }
    const rows = drafts.map((draft) => rowOf(draft, place, dayOf(5_001)))
    await store.insert(
      rows.filter((row) => row.userId === userId),
      true,
    )
  }
  await sweepBefore(5_040)
  const kept = await rowsOf(mongo.database).find({ userId }).toArray()
  expect(new Set(kept.map(({ epoch }) => epoch))).toEqual(new Set([1, 5_050 * 86_400]))
})

test('a sweep is bounded, and the next one goes on where it ended', async () => {
  const feeds = [1, 2, 3].map(() => ({ lender: randomUUID(), borrower: randomUUID() }))
  for (const [index, people] of feeds.entries()) {
    await storeAt(3_000 + index)(makeEvents(people, 4).flatMap(notificationsOf))
  }
  let from = dayOf(3_000)
  const removed: number[] = []
  // A day holds eight rows of two feeds; the first row of a feed takes its whole old prefix along.
  for (let run = 0; run < 10; run += 1) {
    const span = { from, cutoff: dayOf(4_000), rowsMax: 9 }
    const swept = await sweep(mongo.database, store, span, neverStop)
    removed.push(swept.removed)
    if (swept.next.getTime() === 0) break
    from = swept.next
  }
  expect(removed.length).toBeGreaterThan(1)
  for (const { lender, borrower } of feeds) {
    expect([await seqsOf(lender), await seqsOf(borrower)]).toEqual([[4], [4]])
  }
})
