import { expect, it, vi } from 'vitest'
import { webSocketFrame } from './frames.ts'
import { type EncodedEvent, makeRecent, recentMax } from './recent.ts'

/** Longer ones with each event, so that pieces end at different places. */
const event = (seq: number, text = `${seq}:${'x'.repeat(11 * seq)}`): EncodedEvent => ({
  seq,
  frame: webSocketFrame(text),
  atMs: 1_000 + seq,
  status: seq % 2 === 0 ? 'unseen' : 'seen',
})
const events = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => event(from + index))
const seqs = (some: EncodedEvent[]) => some.map(({ seq }) => seq)

const filled = (from: number, to: number) => {
  const recent = makeRecent()
  for (const one of events(from, to)) recent.add([one])
  return recent
}

it('gives back what it took, byte for byte, and only the newest', () => {
  const recent = filled(1, 100)
  expect(recent.between(100 - recentMax, 100)).toEqual(events(101 - recentMax, 100))
  expect(recent.between(99 - recentMax, 100)).toEqual([])
})

it('begins and ends where it is asked to', () => {
  const recent = filled(5, 9)
  expect(seqs(recent.between(5, 7))).toEqual([6, 7])
  expect(seqs(recent.between(4, 99))).toEqual([5, 6, 7, 8, 9])
  for (const [after, upTo] of [
    [3, 9],
    [9, 12],
    [12, 20],
    [7, 7],
    [8, 6],
  ] as const) {
    expect(recent.between(after, upTo)).toEqual([])
  }
})

it('has no holes: what lies above one begins anew, what lies below one stays out', () => {
  const recent = filled(4, 6)
  recent.add(events(1, 2))
  expect(recent.between(0, 2)).toEqual([])
  expect(recent.between(3, 6)).toEqual(events(4, 6))
  recent.add([event(8)])
  expect(recent.between(3, 6)).toEqual([])
  expect(recent.between(7, 8)).toEqual([event(8)])
  recent.add([...events(9, 10), event(12)])
  expect(recent.between(7, 12)).toEqual(events(8, 10))
})

it('takes what joins it, above or below, and what it has only once', () => {
  const recent = filled(40, 42)
  recent.add(events(35, 39))
  recent.add(events(33, 36))
  recent.add(events(41, 44))
  recent.add([])
  expect(recent.between(32, 44)).toEqual(events(33, 44))
  recent.add(events(1, 32))
  expect(recent.between(44 - recentMax, 44)).toEqual(events(45 - recentMax, 44))
  expect(recent.between(43 - recentMax, 44)).toEqual([])
  recent.add([event(45)])
  expect(recent.between(43, 45)).toEqual(events(44, 45))
})

it('forgets', () => {
  const recent = filled(1, 3)
  recent.clear()
  expect(recent.between(0, 3)).toEqual([])
  recent.add([event(2)])
  expect(seqs(recent.between(1, 2))).toEqual([2])
})

it('gives away copies: what somebody is reading stays as it was', () => {
  const recent = filled(1, 1)
  const given = recent.between(0, 1)
  const read = given.map(({ frame }) => Buffer.from(frame))
  for (let seq = 2; seq <= 200; seq += 1) {
    recent.add([event(seq, `${seq}${'y'.repeat(600)}`)])
    const [newest] = recent.between(seq - 1, seq)
    if (newest === undefined) throw new Error('not remembered')
    given.push(newest)
    read.push(Buffer.from(newest.frame))
  }
  recent.clear()
  for (const seq of [1, 2, 3]) recent.add([event(seq, 'z'.repeat(600))])
  expect(given.map(({ frame }) => frame)).toEqual(read)
})

it('writes its memory anew, however long the feed grows', () => {
  const taken: number[] = []
  const allocate = Buffer.allocUnsafeSlow
  const counting = vi.spyOn(Buffer, 'allocUnsafeSlow').mockImplementation((bytes) => {
    taken.push(bytes)
    return allocate(bytes)
  })
  try {
    const recent = makeRecent()
    for (let seq = 1; seq <= 1_000; seq += 1) {
      recent.add([event(seq, 'x'.repeat(600))])
    }
    expect(recent.between(1_000 - recentMax, 1_000)).toHaveLength(recentMax)
  } finally {
    counting.mockRestore()
  }
  expect(taken[0]).toBe(604)
  const sum = taken.reduce((bytes, some) => bytes + some, 0)
  expect(sum).toBeLessThan(2 * recentMax * 604)
})
