import { setImmediate } from 'node:timers/promises'
import { makeLog } from '@quits/kit/log'
import type { Pool } from '@quits/kit/postgres'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { settle } from '../testing/event-loop.ts'
import { makeRelay, type Next } from './relay.ts'

const log = makeLog({ service: 'test', level: 'silent' })

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())

/** A database whose lock is free. */
const pool = {
  connect: async () => ({
    on: () => {},
    off: () => {},
    release: () => {},
    query: async () => ({ rows: [{ taken: true }] }),
  }),
} as unknown as Pool

/** A relay that is woken during its first round. */
const begin = async (next: Next) => {
  let rounds = 0
  const began = Promise.withResolvers<void>()
  const relay = makeRelay({
    name: 'test relay',
    pool,
    lockKey: 1,
    log,
    async carry() {
      rounds += 1
      if (rounds === 1) relay.wake()
      began.resolve()
      return next
    },
  })
  const ending = new AbortController()
  const relaying = relay.run(ending.signal)
  onTestFinished(async () => {
    ending.abort()
    await relaying
  })
  await began.promise
  return { wake: relay.wake, rounds: () => rounds }
}

/** It has rested, and waits for word: only this wait has a timer of the global kind, which stands still. */
const untilWaiting = async () => {
  while (vi.getTimerCount() === 0) await setImmediate()
}

test('what is committed during a round and its rest waits for the next commit', async () => {
  const { wake, rounds } = await begin({ leastMs: 1, mostMs: 60_000 })
  await untilWaiting()
  expect(rounds()).toBe(1)
  wake()
  await settle()
  expect(rounds()).toBe(2)
})

test('where no other commit comes, it waits for so long and no longer', async () => {
  const { rounds } = await begin({ leastMs: 1, mostMs: 11 })
  await untilWaiting()
  vi.advanceTimersByTime(9)
  await settle()
  expect(rounds()).toBe(1)
  vi.advanceTimersByTime(1)
  await settle()
  expect(rounds()).toBe(2)
})

test('a rest is not cut short, however many commits there are', async () => {
  const { wake, rounds } = await begin({ leastMs: 60_000, mostMs: 60_000 })
  for (let commit = 0; commit < 20; commit += 1) {
    wake()
    await settle()
  }
  expect(rounds()).toBe(1)
})

test('after a round with nothing it waits for a commit and not for company', async () => {
  const { wake, rounds } = await begin('when woken')
  await untilWaiting()
  const before = rounds()
  vi.advanceTimersByTime(400)
  await settle()
  expect(rounds()).toBe(before)
  wake()
  await settle()
  expect(rounds()).toBe(before + 1)
})
