import { expect, test } from 'vitest'
import { thirdsOf } from './memory.ts'

const seconds = Array.from({ length: 600 }, (_, second) => second)
/** Warms up for two minutes; collected each quarter of a minute. */
const healthyMb = seconds.map((second) => 150 + Math.min(second, 120) / 2 + (second % 15) * 3)

test('a service that warms up and collects its garbage is flat', () => {
  const { middle, last } = thirdsOf(healthyMb)
  expect(last / middle).toBeCloseTo(1, 2)
})

test('one that keeps sixteen bytes of each post is not', () => {
  const postsPerSecond = 4_000
  const leakingMb = healthyMb.map((mb, second) => mb + (second * postsPerSecond * 16) / 2 ** 20)
  const { middle, last } = thirdsOf(leakingMb)
  expect(last / middle).toBeGreaterThan(1.05)
})
