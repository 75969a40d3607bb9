import { expect, test } from 'vitest'
import { median, meets, rowOf } from './rows.ts'

test('the median stands for the rounds, one bad round does not', () => {
  expect(median([2, 100, 1])).toBe(2)
  expect(median([1, 2, 3, 100])).toBe(2.5)
})

test('a row is held against its goal in its own direction', () => {
  const row = { id: 'W1', what: 'x', goal: 2, rounds: [2.1, 1.9, 2.5] }
  expect(meets(rowOf({ ...row, better: 'higher' }))).toBe(true)
  expect(meets(rowOf({ ...row, better: 'lower' }))).toBe(false)
})
