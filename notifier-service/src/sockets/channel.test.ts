import { expect, it } from 'vitest'
import { makeEvents } from '../../test/events.ts'
import { rowOf } from '../feed-store.ts'
import { notificationsOf } from '../notifications.ts'
import { type Channel, framesOf, type Page } from './channel.ts'
import { type Device, makeRegistry } from './registry.ts'

const people = {
  lender: '0b6f3a52-5d0e-4a53-8d0f-6a3b5b8f0001',
  borrower: '0b6f3a52-5d0e-4a53-8d0f-6a3b5b8f0002',
}
const userId = people.borrower
const pass = { userId, sessionId: 's', expiresAtMs: Number.MAX_SAFE_INTEGER }
const rows = makeEvents(people, 10)
  .flatMap(notificationsOf)
  .filter((draft) => draft.userId === userId)
  .map((draft, index) => rowOf(draft, { epoch: 1, seq: index + 1 }, new Date(0)))

/** Three devices of a person whose feed is empty, the last of which has lost its place. */
const makeScene = async () => {
  const registry = makeRegistry({
    store: {
      head: async () => ({ epoch: 1, seq: 0 }),
      epoch: async () => 1,
      range: async () => [],
    },
    socketsPerUserMax: 3,
    keptMax: 1,
    losses: () => 0,
    now: Date.now,
  })
  const pages: (Page | undefined)[] = []
  let channel: Channel | undefined
  for (const place of [0, 0, 7]) {
    let sent = place
    const device: Device = {
      unacked: () => 0,
      grown() {
        const page = channel?.newest(sent)
        pages.push(page)
        sent = page?.events.at(-1)?.seq ?? sent
      },
      changed: () => {},
      bye: () => {},
      close: () => {},
    }
    channel = registry.join(pass, device)
  }
  await channel?.refresh()
  return { registry, pages, channel }
}

it('wakes each device once for the rows of a turn, which are one piece of memory for all', async () => {
  const { registry, pages } = await makeScene()
  registry.stored(rows)
  expect(pages).toHaveLength(3)
  const [first, second, third] = pages
  expect(first?.events.map(({ seq }) => seq)).toEqual(rows.map(({ seq }) => seq))
  expect(second).toBe(first)
  expect(third?.events.map(({ seq }) => seq)).toEqual([8, 9, 10])
  if (first === undefined) throw new Error('nothing was sent')
  expect(framesOf(first)).toEqual(Buffer.concat(first.events.map(({ frame }) => frame)))
  expect(framesOf(first)).toBe(framesOf(first))
})

it("gives a device that was late a page of its own, which is nobody's measure", async () => {
  const { registry, pages, channel } = await makeScene()
  registry.stored(rows)
  const late = channel?.newest(0)
  expect(late?.events).toEqual(pages[0]?.events)
  expect(late).not.toBe(channel?.newest(0))
  expect([pages[0]?.isFresh, late?.isFresh]).toEqual([true, false])
})

it('leaves to the store what it does not remember, and what has been marked since', async () => {
  const { registry, channel } = await makeScene()
  registry.stored(rows.slice(0, 4))
  registry.listener.grown({ userId, epoch: 1, seq: 6 })
  expect(channel?.newest(0)).toBeUndefined()
  registry.stored(rows.slice(6))
  expect(channel?.newest(6)?.events).toHaveLength(4)
  expect(channel?.newest(4)).toBeUndefined()
  registry.listener.marked(userId, { upTo: 10, status: 'seen' })
  expect(channel?.newest(6)).toBeUndefined()
  expect(channel?.newest(10)).toBeUndefined()
})

/** One person who comes and goes, before a store that is asked as seldom as possible. */
const makeVisits = (keptMax = 1, socketsPerUserMax = 3) => {
  const at = { losses: 0 as number | undefined, ms: 0, epoch: 1, looks: 0 }
  const standing = rows.slice(0, 2)
  const registry = makeRegistry({
    store: {
      async head() {
        at.looks += 1
        return { epoch: at.epoch, seq: standing.length }
      },
      epoch: async () => at.epoch,
      range: async (_, after, upTo) => standing.slice(after, upTo),
    },
    socketsPerUserMax,
    keptMax,
    losses: () => at.losses,
    now: () => at.ms,
  })
  const device: Device = {
    unacked: () => 0,
    grown: () => {},
    changed: () => {},
    bye: () => {},
    close: () => registry.leave(userId, device),
  }
  const come = (who = userId) => {
    const channel = registry.join({ ...pass, userId: who }, device, 'phone')
    if (channel === undefined) throw new Error('no room')
    return channel
  }
  const store = (some: typeof rows) => {
    standing.push(...some)
    registry.stored(some)
  }
  return { at, registry, device, come, store, leave: () => registry.leave(userId, device) }
}

it('keeps a feed whose last device has left, and what is stored for it meanwhile', async () => {
  const { registry, come, leave, store } = makeVisits()
  const channel = come()
  await channel.refresh()
  leave()
  expect(registry.users()).toBe(0)
  store(rows.slice(2, 5))
  expect(come()).toBe(channel)
  expect(registry.users()).toBe(1)
  expect(await channel.trustedHead()).toEqual({ epoch: 1, seq: 5 })
  expect(channel.newest(2)?.events.map(({ seq }) => seq)).toEqual([3, 4, 5])
})

it('keeps as many as it may, those who left last', async () => {
  const { registry, device, come, leave } = makeVisits(1)
  const channel = come()
  await channel.refresh()
  leave()
  come(people.lender)
  registry.leave(people.lender, device)
  expect(come()).not.toBe(channel)
})

it('trusts a head for minutes, unless a word was lost or the feed was rebuilt', async () => {
  const { at, come } = makeVisits()
  const channel = come()
  expect(await channel.trustedHead()).toBeUndefined()
  await channel.refresh()
  at.ms = 300_000
  expect(await channel.trustedHead()).toEqual({ epoch: 1, seq: 2 })
  expect(await channel.trustedHead(299_999)).toBeUndefined()
  at.ms = 300_001
  expect(await channel.trustedHead()).toBeUndefined()
  await channel.refresh()
  for (const losses of [undefined, 1]) {
    at.losses = losses
    expect(await channel.trustedHead()).toBeUndefined()
  }
  await channel.refresh()
  expect(await channel.trustedHead()).toEqual({ epoch: 1, seq: 2 })
  at.epoch = 2
  expect(await channel.trustedHead()).toBeUndefined()
})

it('keeps a room that its only device leaves for a new one within reach', async () => {
  const { registry, come } = makeVisits(0, 1)
  await come().refresh()
  const second = { grown: 0, closed: 0 }
  const device: Device = {
    unacked: () => 0,
    grown: () => void (second.grown += 1),
    changed: () => {},
    bye: () => {},
    close: () => void (second.closed += 1),
  }
  const channel = registry.join(pass, device, 'phone')
  await channel?.refresh()
  expect(registry.users()).toBe(1)
  registry.stored(rows.slice(2, 3))
  registry.endUser(userId)
  expect(second).toEqual({ grown: 1, closed: 1 })
})

it('forgets a kept feed that turns out to be rebuilt, so that whoever comes back is not sent away for ever', async () => {
  const { at, come, leave } = makeVisits()
  const channel = come()
  await channel.refresh()
  leave()
  at.epoch = 2
  // The look of the first one back finds it, and sends the device away once.
  await come().refresh()
  const fresh = come()
  expect(fresh).not.toBe(channel)
  expect(await fresh.refresh()).toEqual({ epoch: 2, seq: 2 })
})

it('counts from memory until something is marked or a word is lost', async () => {
  const { at, registry, come, leave, store } = makeVisits()
  const channel = come()
  await channel.refresh()
  const asked: number[] = []
  const look = async (upTo: number) => {
    asked.push(upTo)
    return { unseen: upTo, unread: upTo }
  }
  expect(await channel.counts(2, 2, look)).toEqual({ unseen: 2, unread: 2 })
  leave()
  store(rows.slice(2, 5))
  expect(await come().counts(2, 5, look)).toEqual({ unseen: 5, unread: 5 })
  expect(asked).toEqual([2])
  registry.listener.marked(userId, { upTo: 5, status: 'seen' })
  await channel.counts(2, 5, look)
  at.losses = 1
  await channel.refresh()
  await channel.counts(2, 5, look)
  expect(asked).toEqual([2, 5, 5])
})

it('does not remember counts that were being read while something was marked', async () => {
  const { registry, come } = makeVisits()
  const channel = come()
  await channel.refresh()
  const counts = { unseen: 2, unread: 2 }
  await channel.counts(2, 2, async () => {
    registry.listener.marked(userId, { upTo: 2, status: 'read' })
    return counts
  })
  const after = { unseen: 0, unread: 0 }
  expect(await channel.counts(2, 2, async () => after)).toEqual(after)
})
