import { makeLog } from '@quits/kit/log'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { settle } from '../testing/event-loop.ts'
import { makeFreePool, untilWaiting } from '../testing/relays.ts'
import { type Carry, makeRelay, type Next } from './relay.ts'

const log = makeLog({ service: 'test', level: 'silent' })

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())

const makeTestRelay = (carry: Carry) =>
  makeRelay({ name: 'test relay', pool: makeFreePool(), lockKey: 1, log, carry })

/** A relay that is woken during its first round; `nexts` is what each round says, the last one for ever. */
const begin = async (...nexts: Next[]) => {
  let rounds = 0
  const began = Promise.withResolvers<void>()
  const relay = makeTestRelay(async () => {
    rounds += 1
    if (rounds === 1) relay.wake()
    began.resolve()
    return nexts[Math.min(rounds, nexts.length) - 1] ?? 'when woken'
  })
  const ending = new AbortController()
  const relaying = relay.run(ending.signal)
  const end = async () => {
    ending.abort()
    await relaying
  }
  onTestFinished(end)
  await began.promise
  return { wake: relay.wake, rounds: () => rounds, end }
}

test('what is committed during a round and its rest waits for the next commit', async () => {
  const { wake, rounds } = await begin({ restMs: 1, companyMs: 60_000 })
  await untilWaiting()
  expect(rounds()).toBe(1)
  wake()
  await settle()
  expect(rounds()).toBe(2)
})

test('where no other commit comes, it waits for so long and no longer', async () => {
  const { rounds } = await begin({ restMs: 1, companyMs: 10 })
  await untilWaiting()
  vi.advanceTimersByTime(9)
  await settle()
  expect(rounds()).toBe(1)
  vi.advanceTimersByTime(1)
  await settle()
  expect(rounds()).toBe(2)
})

test('a rest is not cut short, however many commits there are', async () => {
  const { wake, rounds } = await begin({ restMs: 60_000, companyMs: 1 })
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

test('a backlog goes on without waiting for anything', async () => {
  const { rounds } = await begin('at once', 'at once', 'when woken')
  await untilWaiting()
  // The third one finds nothing, and then that it was woken.
  expect(rounds()).toBe(4)
})

test('what came during a rest leaves before the relay does', async () => {
  const { rounds, end } = await begin({ restMs: 60_000, companyMs: 1 })
  await settle()
  await end()
  expect(rounds()).toBe(2)
})

test('what is committed while a batch is on its way leaves before the relay does, too', async () => {
  let rounds = 0
  const ending = new AbortController()
  const relay = makeTestRelay(async () => {
    rounds += 1
    ending.abort()
    return rounds < 4 ? 'at once' : 'when woken'
  })
  await relay.run(ending.signal)
  expect(rounds).toBe(4)
})

test('a backlog that takes longer than five seconds is left to the next leader', async () => {
  let rounds = 0
  let nowMs = 0
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => nowMs)
  onTestFinished(() => clock.mockRestore())
  const ending = new AbortController()
  const relay = makeTestRelay(async () => {
    rounds += 1
    nowMs += 1_000
    ending.abort()
    return 'at once'
  })
  await relay.run(ending.signal)
  // The first one began before the word to stop.
  expect(rounds).toBe(1 + 5)
})
