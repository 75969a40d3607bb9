import { expect, it } from 'vitest'
import { makeEvents } from '../../test/events.ts'
import { rowOf } from '../feed-store.ts'
import { notificationsOf } from '../notifications.ts'
import type { Channel, Page } from './channel.ts'
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
  expect(second?.onSocket()).toBe(first?.onSocket())
  expect(third?.events.map(({ seq }) => seq)).toEqual([8, 9, 10])
  const whole = Buffer.concat(first?.events.map(({ onSocket }) => onSocket) ?? [])
  expect(first?.onSocket().equals(whole)).toBe(true)
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
