import { retryDelaysSeconds } from '@quits/proto/jobs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { attemptsMax, retryDelay } from './retries.ts'

const tenMinutesMs = 600_000
const anAttempt = fc.integer({ min: 0, max: attemptsMax })
const aRandom = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
const grid: readonly number[] = retryDelaysSeconds

const aLifetime = fc.integer({ min: 1_001, max: 3_600_000 })

test('a delay is a queue of the grid, at most one step above base · 2^n, and ends in time', () => {
  fc.assert(
    fc.property(anAttempt, aRandom, aLifetime, (attempt, random, remainingMs) => {
      const seconds = retryDelay(attempt, random, remainingMs)
      const ceiling = Math.min(600, 2 ** attempt)
      expect(grid).toContain(seconds)
      expect(seconds).toBeLessThanOrEqual(grid.find((step) => step >= ceiling) ?? 600)
      expect(Number(seconds) * 1_000).toBeLessThan(remainingMs)
    }),
  )
})

test('the jitter is full: delays of one attempt spread over the whole range', () => {
  const draws = 10_000
  const delays = Array.from({ length: draws }, (_, index) =>
    retryDelay(5, index / draws, tenMinutesMs),
  ).filter((seconds) => seconds !== undefined)
  const mean = delays.reduce((sum, seconds) => sum + seconds, 0) / draws
  const deviation = Math.sqrt(delays.reduce((sum, s) => sum + (s - mean) ** 2, 0) / draws)
  expect(new Set(delays)).toEqual(new Set([1, 2, 3, 5, 8, 13, 21, 34]))
  // Uniform over [0, 32) has mean 16 and deviation 9.2; the grid rounds up.
  expect(mean).toBeGreaterThan(16)
  expect(deviation).toBeGreaterThan(9.2)
})

test('no delay fits into the last second', () => {
  expect(retryDelay(3, 0.5, 1_000)).toBeUndefined()
  expect(retryDelay(3, 0.99, 1_001)).toBe(1)
})
