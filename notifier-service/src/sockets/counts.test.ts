// That a feed's counts follow what is stored, without a question to the store.
import type { Counts } from '@quits/proto/feed'
import { expect, it } from 'vitest'
import { makeEvents } from '../../test/events.ts'
import { rowOf } from '../feed-store.ts'
import { notificationsOf } from '../notifications.ts'
import { makeChannel } from './channel.ts'

const people = {
  lender: '0b6f3a52-5d0e-4a53-8d0f-6a3b5b8f0001',
  borrower: '0b6f3a52-5d0e-4a53-8d0f-6a3b5b8f0002',
}
const userId = people.borrower
const statuses = ['unseen', 'seen', 'read'] as const
const rows = makeEvents(people, 300)
  .flatMap(notificationsOf)
  .filter((draft) => draft.userId === userId)
  .map((draft, index) => ({
    ...rowOf(draft, { epoch: 1, seq: index + 1 }, new Date(0)),
    status: statuses[index % statuses.length] ?? 'unseen',
  }))

/** What the store would say of the first `upTo` rows. */
const countsOf = (upTo: number): Counts => {
  const some = rows.slice(0, upTo)
  const unseen = some.filter(({ status }) => status === 'unseen').length
  return { unseen, unread: unseen + some.filter(({ status }) => status === 'seen').length }
}

const makeScene = async (head: number) => {
  const at = { ms: 0, asked: [] as number[] }
  const channel = makeChannel({
    userId,
    store: {
      head: async () => ({ epoch: 1, seq: head }),
      epoch: async () => 1,
      range: async () => [],
    },
    losses: () => 0,
    now: () => at.ms,
    onGrown: () => {},
    onRebuilt: () => {},
  })
  await channel.refresh()
  const counts = (upTo: number) =>
    channel.counts(0, upTo, async (asked) => {
      at.asked.push(asked)
      return countsOf(asked)
    })
  return { at, channel, counts }
}

it('counts what is stored as it comes, however much that is', async () => {
  const { at, channel, counts } = await makeScene(100)
  expect(await counts(100)).toEqual(countsOf(100))
  for (let seq = 100; seq < 300; seq += 40) channel.grew(rows.slice(seq, seq + 40))
  expect(await counts(300)).toEqual(countsOf(300))
  expect(at.asked).toEqual([100])
})

it('counts a new feed from its beginning', async () => {
  const { at, channel, counts } = await makeScene(0)
  channel.grew(rows)
  expect(await counts(300)).toEqual(countsOf(300))
  expect(at.asked).toEqual([])
})

it('takes away what has come since the head was read', async () => {
  const { at, channel, counts } = await makeScene(100)
  await counts(100)
  channel.grew(rows.slice(100, 150))
  expect(await counts(140)).toEqual(countsOf(140))
  // Too far back to remember what is between.
  expect(await counts(110)).toEqual(countsOf(110))
  expect(await counts(150)).toEqual(countsOf(150))
  expect(at.asked).toEqual([100, 110])
})

it('asks again after a hole in what it was told', async () => {
  const { at, channel, counts } = await makeScene(100)
  await counts(100)
  channel.grew(rows.slice(101, 150))
  expect(await counts(150)).toEqual(countsOf(150))
  expect(at.asked).toEqual([100, 150])
})

it('asks again after five minutes, however much has come meanwhile', async () => {
  const { at, channel, counts } = await makeScene(100)
  await counts(100)
  at.ms = 300_000
  channel.grew(rows.slice(100, 120))
  expect(await counts(120)).toEqual(countsOf(120))
  at.ms = 300_001
  channel.grew(rows.slice(120, 121))
  expect(await counts(121)).toEqual(countsOf(121))
  expect(at.asked).toEqual([100, 121])
})

it('asks again where what it remembers is older than a mark that was counted', async () => {
  const { at, channel } = await makeScene(100)
  channel.grew(rows.slice(100, 150))
  // Counted after the mark, of which no word has come yet.
  await channel.counts(0, 150, async () => ({ unseen: 0, unread: 0 }))
  const counts = await channel.counts(0, 140, async (asked) => {
    at.asked.push(asked)
    return { unseen: 0, unread: 0 }
  })
  expect(counts).toEqual({ unseen: 0, unread: 0 })
  expect(at.asked).toEqual([140])
})

it('asks again after a mark', async () => {
  const { at, channel, counts } = await makeScene(100)
  await counts(100)
  channel.forgetRecent()
  channel.grew(rows.slice(100, 120))
  expect(await counts(120)).toEqual(countsOf(120))
  expect(at.asked).toEqual([100, 120])
})
