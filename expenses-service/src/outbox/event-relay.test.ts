import { expect, test } from 'vitest'
import { nextAfter } from './event-relay.ts'

/** What waits, as so many rows of so many events each. */
const waiting = (rows: number, eventsInEach: number) =>
  Array.from({ length: rows }, (_, index) => ({
    id: BigInt(index),
    topic: 'books' as const,
    events: Array.from({ length: eventsInEach }, () => ({ key: 'k', event: '{}' })),
  }))

test('after nothing the next round waits for a commit', () => {
  expect(nextAfter([])).toBe('when woken')
})

test.each([
  [1, 1, 3],
  [3, 1, 3],
  [5, 2, 8],
  [30, 4, 96],
  [47, 8, 100],
])('after %i rows of %i it rests for %i ms, and for 8 more if nobody comes', (rows, events, ms) => {
  expect(nextAfter(waiting(rows, events))).toEqual({ leastMs: ms, mostMs: ms + 8 })
})

test.each([
  ['as full as a message gets', waiting(48, 8)],
  ['as many rows as one question gives', waiting(64, 1)],
])('a backlog, %s, is carried without a rest', (_, backlog) => {
  expect(nextAfter(backlog)).toBe('at once')
})
