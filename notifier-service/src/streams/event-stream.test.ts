import { makeLog } from '@quits/kit/log'
import { afterEach, expect, test, vi } from 'vitest'
import { makeTestFigures } from '../../test/figures.ts'
import { webSocketFrame } from '../sockets/frames.ts'
import type { EncodedEvent } from '../sockets/recent.ts'
import { makeOutflow } from '../sockets/outflow.ts'
import { eventText, parseEventId } from './event-stream.ts'
import { makeStreamWire } from './stream-wire.ts'

afterEach(() => void vi.useRealTimers())

test('an event names its type, its place and its data, each on a line of its own', () => {
  expect(eventText('event', '{"seq":4}', { epoch: 1, seq: 4 })).toBe(
    'event: event\nid: 1:4\ndata: {"seq":4}\n\n',
  )
  expect(eventText('ping', '{}')).toBe('event: ping\ndata: {}\n\n')
})

test('a line end within a frame can not end its event', () => {
  const json = JSON.stringify({ note: 'one\ntwo\r\n\nthree' })
  expect(eventText('event', json).split('\n')).toHaveLength(4)
})

test.each([
  ['1:0', { epoch: 1, seq: 0 }],
  ['1790000000:42', { epoch: 1_790_000_000, seq: 42 }],
])('%s is a place', (text, place) => {
  expect(parseEventId(text)).toEqual(place)
})

test.each(['', '0:1', '1', '1:', ':1', '1:-1', '1:01', '1.2', '1:1\n', '1:1e3', '9'.repeat(16)])(
  '%j is none',
  (text) => {
    expect(parseEventId(text)).toBeUndefined()
  },
)

const seqs = [1, 2, 3]
const events: EncodedEvent[] = seqs.map((seq) => ({
  seq,
  frame: webSocketFrame(`{"type":"event","seq":${seq}}`),
  atMs: 0,
  status: 'unseen',
}))

/** A response that takes what it is given, or keeps it for ever. */
const openWith = (taking: boolean) => {
  const written: string[] = []
  const response = {
    writableLength: taking ? 0 : 1,
    writeHead(status: number, headers: Record<string, string>) {
      written.push(`${status} ${headers['content-type']}`)
    },
    write(text: string, done?: unknown) {
      written.push(text)
      if (taking && typeof done === 'function') queueMicrotask(() => void done())
      return true
    },
    cork() {},
    uncork() {},
  }
  const wire = makeStreamWire(response, () => 1)
  const onSlow = vi.fn<() => void>()
  const outflow = makeOutflow({
    wire,
    channel: {
      head: () => ({ epoch: 1, seq: 3 }),
      read: async (after) => events.slice(after),
      newest: () => undefined,
    },
    stallMs: 1_000,
    earliest: async () => 1,
    countsAt: async () => ({ unseen: 0, unread: 0 }),
    figures: makeTestFigures(),
    onSlow,
    now: Date.now,
    log: makeLog({ service: 'test', level: 'silent' }),
  })
  return { written, onSlow, outflow, wire }
}

test('a stream that takes nothing is slow; one that takes its page is not', async () => {
  vi.useFakeTimers()
  for (const taking of [true, false]) {
    const { written, onSlow, outflow, wire } = openWith(taking)
    outflow.start(0, undefined)
    await vi.advanceTimersByTimeAsync(2_000)
    expect(written).toEqual(
      seqs.map((seq) => `event: event\nid: 1:${seq}\ndata: {"type":"event","seq":${seq}}\n\n`),
    )
    expect(onSlow).toHaveBeenCalledTimes(taking ? 0 : 1)
    outflow.stop()
    wire.stop()
  }
})

test('a silent stream breathes often enough for a door that waits 10 s, until it ends', async () => {
  vi.useFakeTimers()
  const { written, wire } = openWith(true)
  // Not before it has begun: a slow store would then answer 200 without a content type.
  await vi.advanceTimersByTimeAsync(30_000)
  expect(written).toEqual([])
  wire.begin()
  expect(written).toEqual(['200 text/event-stream'])
  await vi.advanceTimersByTimeAsync(30_000)
  expect(written.filter((text) => text === ':\n\n').length).toBeGreaterThanOrEqual(5)
  wire.stop()
  const before = written.length
  await vi.advanceTimersByTimeAsync(30_000)
  expect(written).toHaveLength(before)
})
