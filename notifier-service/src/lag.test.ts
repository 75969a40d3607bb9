import { expect, it } from 'vitest'
import { makeLag } from './lag.ts'

const makeScene = () => {
  const clock = { nowMs: 100_000 }
  return { clock, lag: makeLag(() => clock.nowMs) }
}

it('grows while a batch waits, however often it is tried', () => {
  const { clock, lag } = makeScene()
  lag.began(95_000)
  expect(lag.seconds()).toBe(5)
  clock.nowMs += 60_000
  lag.began(95_000)
  expect(lag.seconds()).toBe(65)
})

it('is that of the newest record once a batch is stored, and nothing when no more comes', () => {
  const { clock, lag } = makeScene()
  lag.began(90_000)
  lag.ended(98_000)
  expect(lag.seconds()).toBe(2)
  clock.nowMs += 10_000
  expect(lag.seconds()).toBe(0)
})

it('is never below nothing, whatever the clocks say', () => {
  const { lag } = makeScene()
  lag.began(101_000)
  expect(lag.seconds()).toBe(0)
  lag.ended(102_000)
  expect(lag.seconds()).toBe(0)
})
