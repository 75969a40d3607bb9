import { expect, test } from 'vitest'
import { makeSendRate } from './send-rate.ts'

/** Time that passes only by waiting; who waits together, waits side by side. */
const makeClock = () => {
  let nowMs = 1_000
  return {
    nowMs: () => nowMs,
    wait: async (ms: number) => {
      const until = nowMs + ms
      await Promise.resolve()
      nowMs = Math.max(nowMs, until)
    },
  }
}
const never = new AbortController().signal

test('sends are an interval apart, and the first one waits for nobody', async () => {
  const clock = makeClock()
  const rate = makeSendRate({ perSecond: 10, ...clock })
  const turns: number[] = []
  for (let turn = 0; turn < 4; turn += 1) {
    expect(await rate.take(Infinity, never)).toBe(true)
    turns.push(clock.nowMs())
  }
  expect(turns).toEqual([1_000, 1_100, 1_200, 1_300])
})

test('idle time is not saved up for a burst', async () => {
  const clock = makeClock()
  const rate = makeSendRate({ perSecond: 10, ...clock })
  await clock.wait(60_000)
  await Promise.all([rate.take(Infinity, never), rate.take(Infinity, never)])
  expect(clock.nowMs()).toBe(61_100)
})

test('a slot that comes too late is refused at once and left to others', async () => {
  const clock = makeClock()
  const rate = makeSendRate({ perSecond: 1, ...clock })
  expect(await rate.take(Infinity, never)).toBe(true)
  expect(await rate.take(clock.nowMs() + 500, never)).toBe(false)
  expect(clock.nowMs()).toBe(1_000)
  expect(await rate.take(Infinity, never)).toBe(true)
  expect(clock.nowMs()).toBe(2_000)
})

test('a pause holds up who comes, and sends away who already waits', async () => {
  const clock = makeClock()
  const rate = makeSendRate({ perSecond: 1, ...clock })
  await rate.take(Infinity, never)
  const waiting = rate.take(Infinity, never)
  rate.pause(30_000)
  expect(await waiting).toBe(false)
  expect(await rate.take(clock.nowMs() + 10_000, never)).toBe(false)
  expect(await rate.take(Infinity, never)).toBe(true)
  expect(clock.nowMs()).toBe(31_000)
})

test('who hears the signal gets no turn', async () => {
  const rate = makeSendRate({ perSecond: 0.001 })
  await rate.take(Infinity, never)
  const stopping = new AbortController()
  const waiting = rate.take(Infinity, stopping.signal)
  stopping.abort()
  expect(await waiting).toBe(false)
})
