import { makeLog } from '@quits/kit/log'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { makeWillingBroker } from '../testing/broker.ts'
import { settle } from '../testing/event-loop.ts'
import { makeFreePool, untilWaiting } from '../testing/relays.ts'
import { makeEventRelay, nextAfter } from './event-relay.ts'
import type { Left } from './give-way.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())

/** What waits, as so many rows of so many events each, every other row for the other topic. */
const waiting = (rows: number, eventsInEach: number) =>
  Array.from({ length: rows }, (_, index) => ({
    id: BigInt(index),
    topic: index % 2 === 0 ? ('books' as const) : ('users' as const),
    events: Array.from({ length: eventsInEach }, () => ({ key: 'k', event: '{}' })),
    ageMs: 0,
  }))

test.each([
  [1, 1, 3],
  [3, 1, 3],
  [5, 2, 8],
  [30, 4, 96],
  [23, 16, 100],
  [60, 1, 48],
])('after %i rows of %i it rests for %i ms, and waits for company', (rows, events, restMs) => {
  expect(nextAfter(waiting(rows, events))).toEqual({ restMs, companyMs: 8 })
})

test.each([
  ['three quarters of a full message', waiting(24, 16)],
  ['as many rows as one question gives', waiting(64, 1)],
])('a backlog, %s, is carried without a rest', (_, backlog) => {
  expect(nextAfter(backlog)).toBe('at once')
})

const log = makeLog({ service: 'test', level: 'silent' })

/** As the table has them. */
const rowsOf = (batches: ReturnType<typeof waiting>) =>
  batches.map(({ events, ageMs, ...row }) => ({
    ...row,
    age: ageMs,
    keys: events.map(({ key }) => key).join('\n'),
    events: events.map(({ event }) => event).join('\n'),
  }))

const never = { isDue: () => false }

/** How often it has read when it waits for word, and 8 ms later, when this is what its first reading finds. */
const readings = async (first: ReturnType<typeof waiting>, giveWay = never): Promise<number[]> => {
  let count = 0
  const pool = makeFreePool((name) => {
    if (name !== 'outbox-oldest-batches') return []
    count += 1
    return count === 1 ? rowsOf(first) : []
  })
  const relay = makeEventRelay({
    pool,
    kafka: makeWillingBroker(() => {}),
    brokerPrefix: 'test',
    giveWay,
    log,
  })
  const ending = new AbortController()
  const relaying = relay.run(ending.signal)
  onTestFinished(async () => {
    ending.abort()
    await relaying
  })
  await untilWaiting()
  const before = count
  vi.advanceTimersByTime(8)
  await settle()
  return [before, count]
}

test.each([
  ['nothing, it waits for word', 0, [1, 1]],
  ['a few rows, it waits for company', 3, [1, 2]],
  ['a backlog, it waits for nothing', 64, [2, 2]],
])('having found %s', async (_, rows, times) => {
  expect(await readings(waiting(rows, 1))).toEqual(times)
})

test('while events give way, a backlog is not carried at once', async () => {
  expect(await readings(waiting(64, 1), { isDue: () => true })).toEqual([1, 2])
})

test.each([
  ['fifty at a time while they give way', true, 50],
  ['a full message otherwise', false, 512],
])('it asks for as many events as %s', async (_, isDue, eventsMax) => {
  const asked = Promise.withResolvers<unknown>()
  const pool = makeFreePool((name, [upTo]) => {
    if (name === 'outbox-oldest-batches') asked.resolve(upTo)
    return []
  })
  const kafka = makeWillingBroker(() => {})
  const giveWay = { isDue: () => isDue }
  const relay = makeEventRelay({ pool, kafka, brokerPrefix: 'test', giveWay, log })
  const ending = new AbortController()
  const relaying = relay.run(ending.signal)
  expect(await asked.promise).toBe(eventsMax)
  ending.abort()
  await relaying
})

test('it tells of the last message how many events it had and how old its oldest was', async () => {
  const asked: Left[] = []
  const pool = makeFreePool((name) => {
    if (name !== 'outbox-oldest-batches' || asked.length > 1) return []
    return rowsOf(waiting(64, 2)).map((row, index) => ({ ...row, age: 1_000 - index }))
  })
  const kafka = makeWillingBroker(() => {})
  const giveWay = { isDue: (last: Left) => asked.push(last) === 0 }
  const relay = makeEventRelay({ pool, kafka, brokerPrefix: 'test', giveWay, log })
  const ending = new AbortController()
  const relaying = relay.run(ending.signal)
  await untilWaiting()
  ending.abort()
  await relaying
  expect(asked.slice(0, 3)).toEqual([
    { events: 0, oldestMs: 0 },
    { events: 128, oldestMs: 1_000 },
    { events: 0, oldestMs: 0 },
  ])
})

test('rows of users go after their own ack, whatever becomes of the books', async () => {
  const deleted: unknown[] = []
  const pool = makeFreePool((name, [ids]) => {
    if (name === 'outbox-oldest-batches') return rowsOf(waiting(4, 1))
    deleted.push(ids)
    return []
  })
  const refused = Promise.withResolvers<void>()
  const kafka = {
    ...makeWillingBroker(() => {}),
    makeProducer: () => ({
      connect: async () => {},
      async send(topic: string) {
        if (topic.endsWith('users')) return
        refused.resolve()
        throw new Error('no leader')
      },
      close: async () => {},
    }),
  }
  const relay = makeEventRelay({ pool, kafka, brokerPrefix: 'test', giveWay: never, log })
  const ending = new AbortController()
  const relaying = relay.run(ending.signal)
  await refused.promise
  ending.abort()
  await relaying
  expect(deleted[0]).toEqual([1n, 3n])
  expect(deleted.flat()).not.toContain(0n)
})

test('a producer that cannot connect is closed', async () => {
  const closed = Promise.withResolvers<void>()
  const relay = makeEventRelay({
    pool: makeFreePool((name) => (name === 'outbox-oldest-batches' ? rowsOf(waiting(1, 1)) : [])),
    kafka: {
      ...makeWillingBroker(() => {}),
      makeProducer: () => ({
        connect: () => Promise.reject(new Error('refused')),
        send: async () => {},
        close: async () => closed.resolve(),
      }),
    },
    brokerPrefix: 'test',
    giveWay: never,
    log,
  })
  const ending = new AbortController()
  const relaying = relay.run(ending.signal)
  try {
    await expect(closed.promise).resolves.toBeUndefined()
  } finally {
    ending.abort()
    await relaying
  }
})
