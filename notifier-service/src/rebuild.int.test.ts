import { expect, test } from 'vitest'
import { makeEvent, makeEvents } from '../test/events.ts'
import { ids, pair, upTo, useRepairs } from '../test/repairs.ts'
import { type EpochStore, makeEpochStore } from './epoch-store.ts'
import { type FeedStore, makeFeedStore, rowId } from './feed-store.ts'
import { notificationsOf } from './notifications.ts'
import { makePreferenceStore } from './preference-store.ts'

const { append, database, feedOf, ledger, makeRepairs, realAppend, rows, storeWith } = useRepairs()

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
  ledger().events = events
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

test('what a feed had not and its person has muted is there without a sound', async () => {
  const { borrower, lender } = pair()
  const events = makeEvents({ borrower, lender }, 1)
  ledger().events = events
  const mutes = [{ type: 'person' as const, id: lender }]
  await makePreferenceStore(database(), Date.now).put(borrower, mutes, undefined)
  await makeRepairs().rebuild(borrower)
  expect(await feedOf(borrower)).toMatchObject([{ weight: 'silent', muted: true, status: 'read' }])
})

test('what is stored while a rebuild fills is in the new epoch, too', async () => {
  const people = pair()
  const [early, late, word] = makeEvents(people, 3)
  if (early === undefined || late === undefined || word === undefined) throw new Error('no events')
  const changed = { ...word, id: `${word.data.bookId}@9`, type: 'debt.changed.v1' as const }
  await append([early])
  ledger().events = [early]
  let reads = 0
  ledger().onRead = async () => {
    reads += 1
    if (reads > 1) return
    // After the journal was read, before the switch: it goes into the old epoch.
    ledger().events = [early, { ...late, time: new Date().toISOString() }]
    await append([late, changed])
    const place = { userId: people.borrower, epoch: 1 }
    const { inbox } = makeRepairs()
    await inbox.mark(place, { ids: [early.id, changed.id] }, 'read')
    await inbox.mark(place, { ids: [late.id] }, 'seen')
  }
  await makeRepairs().rebuild(people.borrower)
  ledger().onRead = async () => {}
  const feed = await feedOf(people.borrower)
  expect(ids(feed)).toEqual([early.id, changed.id, late.id])
  expect(feed.map(({ status }) => status)).toEqual(['read', 'read', 'seen'])
})

/** A notifier that has the head in memory stores on after somebody else has switched the feed. */
const storeAfterSwitch = async (store: FeedStore) => {
  const people = pair()
  const [first, second] = makeEvents(people, 2)
  if (first === undefined || second === undefined) throw new Error('no events')
  const remembering = realAppend(store)
  await remembering(notificationsOf(first))
  ledger().events = [first]
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

/**
 * After the switch an event is committed, and stored by a notifier that goes by what it knew before:
 * while the rebuild waits for all to know, or, where it does not wait, behind its back.
 */
const storeUnaware = async ({ waits }: { waits: boolean }) => {
  const people = pair()
  const [first, second, word] = makeEvents(people, 3)
  if (first === undefined || second === undefined || word === undefined)
    throw new Error('no events')
  const changed = { ...word, id: `${word.data.bookId}@9`, type: 'debt.changed.v1' as const }
  const unaware = realAppend(makeFeedStore(database()), { switchesHoldMs: 600_000 })
  await unaware(notificationsOf(first))
  ledger().events = [first]
  const come = async () => {
    ledger().events = [first, { ...second, time: new Date().toISOString() }]
    await unaware([second, changed].flatMap(notificationsOf))
    expect((await feedOf(people.borrower)).map(({ id }) => id)).not.toContain(second.id)
  }
  let reads = 0
  ledger().onRead = async () => {
    reads += 1
    if (reads === 2 && !waits) await come()
  }
  const untilAllKnow = async () => {
    if (waits) await come()
  }
  await makeRepairs({ untilAllKnow }).rebuild(people.borrower)
  ledger().onRead = async () => {}
  return { feed: ids(await feedOf(people.borrower)), wanted: ids([first, changed, second]) }
}

test('what a notifier stores that does not know of the switch yet is found by the rebuild', async () => {
  const { feed, wanted } = await storeUnaware({ waits: true })
  expect(feed).toEqual(wanted)
})

test('broken twin: a rebuild that does not wait for those who do not know loses an event', async () => {
  const { feed, wanted } = await storeUnaware({ waits: false })
  expect(feed).not.toEqual(expect.arrayContaining(wanted))
})

/**
 * A rebuild dies right after its switch, when a notifier has just stored a change of words and an entry
 * into the former epoch and the person has read there. Then somebody else comes along.
 */
const dieAfterSwitch = async (
  next: (repairs: ReturnType<typeof makeRepairs>, userId: string) => Promise<unknown>,
  epochs: Partial<EpochStore> = {},
) => {
  const people = pair()
  const { borrower } = people
  const [first, entry, word] = makeEvents(people, 3)
  if (first === undefined || entry === undefined || word === undefined) throw new Error('no events')
  const changed = { ...word, id: `${word.data.bookId}@9`, type: 'debt.changed.v1' as const }
  const unaware = realAppend(makeFeedStore(database()), { switchesHoldMs: 600_000 })
  await unaware(notificationsOf(first))
  ledger().events = [first]
  const untilAllKnow = async () => {
    const late = { ...entry, time: new Date().toISOString() }
    ledger().events = [first, late]
    await unaware([changed, late].flatMap(notificationsOf))
    const ofBoth = { ids: [first.id, late.id] }
    await makeRepairs().inbox.mark({ userId: borrower, epoch: 1 }, ofBoth, 'read')
    throw new Error('killed')
  }
  await expect(makeRepairs({ untilAllKnow }).rebuild(borrower)).rejects.toThrow('killed')
  expect(ids(await feedOf(borrower))).toEqual([first.id])
  await next(makeRepairs({ epochs }), borrower)
  const feed = await feedOf(borrower)
  return {
    feed: feed.map(({ id, status }) => [id, status]),
    wanted: [
      [first.id, 'read'],
      [changed.id, 'unseen'],
      [entry.id, 'read'],
    ],
    left: await rows().countDocuments({ userId: borrower, epoch: 1 }),
  }
}

const always = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER }

test.each([
  ['the next one', ({ rebuild }, userId) => rebuild(userId)],
  ['the comparison', ({ reconcile }, userId) => reconcile(userId, always, { mend: true })],
] satisfies [string, Parameters<typeof dieAfterSwitch>[0]][])(
  'a rebuild that dies after its switch is ended by %s',
  async (_, next) => {
    const { feed, wanted, left } = await dieAfterSwitch(next)
    expect(feed).toEqual(wanted)
    expect(left).toBe(0)
  },
)

test('broken twin: one that takes no former epoch for left over loses what came last', async () => {
  const { feed, wanted } = await dieAfterSwitch(({ rebuild }, userId) => rebuild(userId), {
    former: async () => [],
  })
  expect(feed).not.toEqual(wanted)
})

test('a rebuild that another one overtakes leaves it the epoch between them', async () => {
  const people = pair()
  const { borrower } = people
  const [first, word] = makeEvents(people, 2)
  if (first === undefined || word === undefined) throw new Error('no events')
  const changed = { ...word, id: `${word.data.bookId}@9`, type: 'debt.changed.v1' as const }
  await append([first])
  ledger().events = [first]
  const unaware = realAppend(makeFeedStore(database()), { switchesHoldMs: 600_000 })
  let between = 0
  const untilAllKnow = async () => {
    // It knows of this switch, and of none after it.
    await unaware(notificationsOf(first))
    const [row] = await feedOf(borrower)
    if (row === undefined) throw new Error('no row')
    between = row.epoch
    const later = between + 1
    await rows().insertOne({ ...row, _id: rowId(borrower, later, row.id), epoch: later })
    await makeEpochStore(database(), makeFeedStore(database())).switchTo(
      borrower,
      later,
      new Date(),
    )
    await unaware(notificationsOf(changed))
  }
  await makeRepairs({ untilAllKnow }).rebuild(borrower)
  expect(await rows().countDocuments({ userId: borrower, epoch: 1 })).toBe(0)
  const left = await rows().find({ userId: borrower, epoch: between }).sort({ seq: 1 }).toArray()
  expect(ids(left)).toEqual([first.id, changed.id])
})

test('a rebuild leaves alone what a later one has filled and not switched to yet', async () => {
  const people = pair()
  const events = makeEvents(people, 3)
  await append(events)
  ledger().events = events
  const later = 9_999_999_999
  const [row] = await feedOf(people.borrower)
  if (row === undefined) throw new Error('no row')
  await rows().insertOne({ ...row, _id: rowId(people.borrower, later, row.id), epoch: later })
  await makeRepairs().rebuild(people.borrower)
  expect(ids(await feedOf(people.borrower))).toEqual(ids(events))
  expect(await rows().countDocuments({ userId: people.borrower, epoch: later })).toBe(1)
  expect(await rows().countDocuments({ userId: people.borrower, epoch: 1 })).toBe(0)
})

test('a rebuild that dies half-way has done nothing, and the next one succeeds', async () => {
  const people = pair()
  const events = makeEvents(people, 600)
  await append(events)
  ledger().events = events
  let inserts = 0
  const real = makeFeedStore(database())
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
