import { randomUUID } from 'node:crypto'
import { closeCodes } from '@quits/proto/feed'
import { expect, test } from 'vitest'
import { log, makePerson, startNotifier } from '../test/bench.ts'
import { makeEvents } from '../test/events.ts'
import { makeTestFigures } from '../test/figures.ts'
import { ids, pair, upTo, useRepairs } from '../test/repairs.ts'
import { makePreferenceStore } from './preference-store.ts'
import { reconcileAll } from './reconcile-part.ts'

const { append, bench, database, feedOf, journal, ledger, makeRepairs, rows } = useRepairs()

test('devices of a rebuilt feed come back, are told of the gap and go on', async () => {
  const notifier = await startNotifier(bench(), { FEED_PING_MS: '200', FEED_PONG_MS: '5000' })
  const people = pair()
  const bo = makePerson(people.borrower)
  const events = makeEvents(people, 5)
  const client = await notifier.connect(bo, { epoch: 1, seq: 0 })
  await bench().send(bench().topics.books, events)
  await client.event(5)
  ledger().events = events
  const { epoch } = await makeRepairs().rebuild(people.borrower)
  expect(await client.closed()).toBe(closeCodes.resume)
  const again = await notifier.connect(bo, { epoch: 1, seq: 5 })
  expect(await again.frame('welcome')).toMatchObject({ epoch, head: 5, recovered: false })
  await again.frame('gap')
  await bench().send(bench().topics.books, makeEvents(people, 1))
  expect(await again.event(6)).toMatchObject({ seq: 6 })
  again.close()
  await notifier.stop()
})

test('a comparison brings no feed back to a person who is gone, and removes what was left', async () => {
  const people = pair()
  const events = makeEvents(people, 4)
  ledger().events = events
  await append(events.slice(0, 1))
  await makePreferenceStore(database(), Date.now).erase(people.borrower)
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
  ledger().events = events
  for (const [index, { borrower }] of people.entries()) {
    await plants[index % plants.length]?.(borrower, 2 + (index % 4))
  }
  const figures = makeTestFigures()
  // Nobody stores anything beside it.
  const { reconcile } = makeRepairs({ untilAllKnow: async () => {} })
  const look = async () => {
    const mended: string[] = []
    await reconcileAll({
      journal: journal(),
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
