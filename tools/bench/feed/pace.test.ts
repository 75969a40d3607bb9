import { expect, test } from 'vitest'
import { openLoop, quantile, settled, withSettling } from './pace.ts'
import { inTurns } from './turns.ts'

test('a pace is kept whatever the answers take', async () => {
  const answers: (() => void)[] = []
  const run = openLoop({ perSecond: 1_000, seconds: 0.05 }, () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    answers.push(resolve)
    // Nobody is answered before the last one has been sent.
    if (answers.length === 50) for (const answer of answers) answer()
    return promise
  })
  expect(await run).toBe(50)
  expect(answers).toHaveLength(50)
})

test('a share of the values lies below its quantile', () => {
  const values = Array.from({ length: 100 }, (_, index) => 100 - index)
  expect([0.5, 0.95, 0.99, 1].map((share) => quantile(values, share))).toEqual([51, 96, 100, 100])
  expect(quantile([], 0.5)).toBeNaN()
})

test('the beginning of a pace does not count, except for what never came in it', () => {
  const pace = { perSecond: 10, seconds: 1 }
  const whole = withSettling(pace)
  const values = Array.from({ length: whole.perSecond * whole.seconds }, (_, index) => index)
  expect(settled(values, pace)).toEqual(values.slice(-10))
  const lost = values.with(3, Number.POSITIVE_INFINITY)
  expect(settled(lost, pace)).toEqual([Number.POSITIVE_INFINITY, ...values.slice(-10)])
})

test('turns are bounded, and each is taken once', async () => {
  let running = 0
  let most = 0
  const taken: number[] = []
  await inTurns(20, 3, async (index) => {
    running += 1
    most = Math.max(most, running)
    taken.push(index)
    await Promise.resolve()
    running -= 1
  })
  expect(most).toBe(3)
  expect(taken.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index))
})
