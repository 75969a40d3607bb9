import { afterEach, expect, test, vi } from 'vitest'
import { makeBeats } from './beats.ts'

afterEach(() => void vi.useRealTimers())

/** Beats of 100 ms, at 20 ms after one of them; each call says its name and when it came. */
const open = () => {
  vi.useFakeTimers({ now: 1_000_020 })
  const inBeat = makeBeats({ beatMs: 100, now: Date.now })
  const said: string[] = []
  const wait = (name: string, afterMs: number) =>
    inBeat(afterMs, () => void said.push(`${name} ${Date.now() - 1_000_020}`))
  return { said, wait, inBeat }
}

test('who waits for the same beat is called in one turn, at most one beat early and never late', () => {
  const { said, wait } = open()
  wait('a', 480)
  wait('b', 579)
  wait('c', 580)
  vi.advanceTimersByTime(479)
  expect(said).toEqual([])
  expect(vi.getTimerCount()).toBe(2)
  vi.advanceTimersToNextTimer()
  expect(said).toEqual(['a 480', 'b 480'])
  vi.advanceTimersToNextTimer()
  expect(said).toEqual(['a 480', 'b 480', 'c 580'])
  expect(vi.getTimerCount()).toBe(0)
})

test('what is taken back is not called, also within its own turn, and its neighbours are', () => {
  const { said, wait, inBeat } = open()
  const drop = wait('dropped', 200)
  const drops: (() => void)[] = []
  inBeat(200, () => {
    for (const each of drops) each()
  })
  drops.push(wait('dropped late', 200))
  wait('kept', 200)
  drop()
  vi.runAllTimers()
  expect(said).toEqual(['kept 180'])
})

test('one that waits anew while it is called waits for a later beat', () => {
  const { said, inBeat } = open()
  let calls = 0
  const again = () => {
    calls += 1
    said.push(String(Date.now() - 1_000_020))
    if (calls < 3) inBeat(300, again)
  }
  inBeat(300, again)
  vi.runAllTimers()
  expect(said).toEqual(['280', '580', '880'])
})
