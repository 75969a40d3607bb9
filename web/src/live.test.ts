import type { Notification } from '@quits/proto/feed'
import { QueryClient } from '@tanstack/react-query'
import { expect, it } from 'vitest'
import { makeLive } from './live.ts'

const notification = (seq: number, weight: Notification['weight'] = 'alert'): Notification => ({
  seq,
  id: `b:${seq}`,
  kind: 'transaction.posted',
  weight,
  at: '2026-05-03T10:00:00Z',
  actor: 'u-ana',
  subject: { type: 'debt', id: `b${seq % 3}` },
  data: { balance: { minor: '0', currency: 'EUR' }, role: 'borrower' },
})

/** A page with its clock in hand; `read` holds what was read again, by name. */
const makeScene = () => {
  const read: string[] = []
  const queries = new QueryClient()
  queries.invalidateQueries = (filters) => {
    read.push(JSON.stringify(filters?.queryKey ?? 'all'))
    return Promise.resolve()
  }
  const clock = { nowMs: 1_000 }
  let timers: { act: () => void; atMs: number }[] = []
  const live = makeLive(queries, {
    now: () => clock.nowMs,
    later: (act, ms) => void timers.push({ act, atMs: clock.nowMs + ms }),
  })
  let changes = 0
  live.subscribe(() => {
    changes += 1
  })
  const pass = (ms: number) => {
    clock.nowMs += ms
    const due = timers.filter(({ atMs }) => atMs <= clock.nowMs)
    timers = timers.filter(({ atMs }) => atMs > clock.nowMs)
    for (const { act } of due) act()
  }
  return { live, read, pass, changes: () => changes }
}

it('knows that news may come late, until the feed says otherwise or begins anew', () => {
  const { live } = makeScene()
  live.live(true)
  expect(live.state().isLate).toBe(false)
  live.late(true)
  expect(live.state().isLate).toBe(true)
  live.late(false)
  expect(live.state().isLate).toBe(false)
  live.late(true)
  live.live(false)
  expect(live.state().isLate).toBe(false)
})

it('reads at once what one event touches', () => {
  const { live, read, pass } = makeScene()
  live.events([notification(1)], false)
  pass(0)
  expect(read).toContain('["debt","b1"]')
  expect(read).toContain('["notifications"]')
  expect(live.state().latest).toMatchObject({ seq: 1 })
})

it('reads once for thousands of events, and tells the page once', () => {
  const { live, read, pass, changes } = makeScene()
  live.events([notification(1)], false)
  pass(0)
  const [before, changesBefore] = [read.length, changes()]
  for (let seq = 2; seq <= 5_000; seq += 1) live.events([notification(seq)], false)
  pass(299)
  expect(read).toHaveLength(before)
  pass(1)
  // Three lists, the news, and three of each of three debts.
  expect(read).toHaveLength(before + 13)
  expect(changes()).toBe(changesBefore + 1)
  expect(live.state().latest).toMatchObject({ seq: 5_000 })
})

it('reads what was missed once its last is there, and not before', () => {
  const { live, read, pass, changes } = makeScene()
  for (let seq = 1; seq < 5_000; seq += 1) live.events([notification(seq)], true)
  pass(1_999)
  expect(read).toEqual([])
  live.events([notification(5_000)], false)
  pass(0)
  expect(read).toHaveLength(13)
  expect(changes()).toBe(1)
  expect(live.state().latest).toMatchObject({ seq: 5_000 })
  // The wait for the end is over, too.
  pass(10_000)
  expect(read).toHaveLength(13)
})

it('reads what has come so far when the end of what was missed takes long', () => {
  const { live, read, pass } = makeScene()
  live.events([notification(1)], true)
  pass(1_000)
  live.events([notification(2)], true)
  expect(read).toEqual([])
  pass(1_000)
  expect(read).toContain('["debt","b1"]')
  expect(read).toContain('["debt","b2"]')
})

it('does not ring for what is silent, and reads it all the same', () => {
  const { live, read, pass } = makeScene()
  live.events([notification(1, 'silent')], false)
  pass(0)
  expect(live.state().latest).toBeUndefined()
  expect(read).toContain('["debt","b1"]')
})

it('reads the news again after marks, and nothing else', () => {
  const { live, read, pass } = makeScene()
  live.marked()
  pass(0)
  expect(read).toEqual(['["notifications"]'])
})

it('leaves the counts to a live feed, and takes those of an answer only without one', () => {
  const { live } = makeScene()
  live.live(true)
  live.counts({ unseen: 1, unread: 1 })
  // The answer to a mark that was made before the event came.
  live.counted({ unseen: 0, unread: 0 })
  expect(live.state().counts).toEqual({ unseen: 1, unread: 1 })
  live.live(false)
  live.counted({ unseen: 0, unread: 2 })
  expect(live.state().counts).toEqual({ unseen: 0, unread: 2 })
})

it('keeps the word about what is too old until it was read', () => {
  const { live } = makeScene()
  live.cutShort()
  live.reload()
  expect(live.state().isCutShort).toBe(true)
  live.understood()
  expect(live.state().isCutShort).toBe(false)
})
