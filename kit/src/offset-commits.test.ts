import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { makeLog } from './log.ts'
import { makeOffsetCommits } from './offset-commits.ts'

const log = makeLog({ service: 'test', level: 'silent' })
const at = (partition: number, offset: number) => ({
  topic: 'books',
  partition,
  offset: String(offset),
})

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** What was sent, as `partition:offset`; the first `failures` sends fail. */
const makeBroker = (failures = 0) => {
  const sent: string[][] = []
  let left = failures
  return {
    sent,
    commit: async (offsets: {
      topics: { partitions: { partition: number; offset: string }[] }[]
    }) => {
      left -= 1
      if (left >= 0) throw new Error('no coordinator')
      const places = offsets.topics.flatMap(({ partitions }) => partitions)
      sent.push(places.map(({ partition, offset }) => `${partition}:${offset}`))
    },
  }
}

test('one request tells the newest place of every partition, and then nothing is sent', async () => {
  const { sent, commit } = makeBroker()
  const commits = makeOffsetCommits(log)
  commits.handled(at(0, 5), commit)
  commits.handled(at(1, 7), commit)
  commits.handled(at(0, 9), commit)
  expect(sent).toEqual([])
  await vi.runAllTimersAsync()
  expect(sent).toEqual([['0:9', '1:7']])
})

test('what was not committed is sent again, unless something newer was handled', async () => {
  const { sent, commit } = makeBroker(1)
  const commits = makeOffsetCommits(log)
  commits.handled(at(0, 5), commit)
  commits.handled(at(1, 7), commit)
  await vi.advanceTimersToNextTimerAsync()
  expect(sent).toEqual([])
  commits.handled(at(0, 6), commit)
  await vi.runAllTimersAsync()
  expect(sent).toEqual([['0:6', '1:7']])
})

test('whoever stops sends what waits, and leaves no timer behind', async () => {
  const { sent, commit } = makeBroker()
  const commits = makeOffsetCommits(log)
  commits.handled(at(0, 5), commit)
  await commits.flush()
  expect(sent).toEqual([['0:5']])
  expect(vi.getTimerCount()).toBe(0)
  const failing = makeOffsetCommits(log)
  failing.handled(at(0, 5), makeBroker(1).commit)
  await failing.flush()
  expect(vi.getTimerCount()).toBe(0)
})

test('partitions that were dealt out anew are not spoken for', async () => {
  const { sent, commit } = makeBroker()
  const commits = makeOffsetCommits(log)
  commits.handled(at(0, 5), commit)
  commits.forget()
  await vi.runAllTimersAsync()
  expect(sent).toEqual([])
})
