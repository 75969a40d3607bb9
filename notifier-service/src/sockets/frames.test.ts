import { expect, it } from 'vitest'
import { makeFrameAllowance, readFrame, textOf, webSocketFrame } from './frames.ts'

it('reads each frame a client may send and drops members it does not know', () => {
  const connect = { type: 'connect', ticket: 't', device: 'd', since: { epoch: 1, seq: 0 } }
  expect(readFrame(JSON.stringify({ ...connect, future: 1 }))).toEqual({ frame: connect })
  for (const frame of [
    { type: 'ack', seq: 3 },
    { type: 'mark', upTo: 3, status: 'seen' },
    { type: 'mark', ids: ['a:1'], status: 'archived' },
    { type: 'pong' },
    { type: 'refresh', ticket: 't' },
  ]) {
    expect(readFrame(JSON.stringify(frame))).toEqual({ frame })
  }
})

it.each([
  ['', 'empty text'],
  ['null', 'null'],
  ['"connect"', 'a string'],
  ['{"type":7}', 'a type that is no string'],
  ['{"type":"connect","ticket":"","device":"d"}', 'an empty ticket'],
  ['{"type":"connect","ticket":"t","device":"d","since":{"epoch":0,"seq":1}}', 'epoch zero'],
  ['{"type":"connect","ticket":"t","device":"d","since":{"epoch":1,"seq":-1}}', 'a negative seq'],
  ['{"type":"ack","seq":1.5}', 'half a seq'],
  ['{"type":"mark","status":"read"}', 'a mark of nothing'],
  ['{"type":"mark","status":"read","upTo":1,"ids":["a"]}', 'a mark named twice'],
  ['{"type":"mark","status":"unseen","upTo":1}', 'a mark backwards'],
])('%s (%s: %s) is a fault', (text) => {
  expect(readFrame(text)).toHaveProperty('fault')
})

it('tells a frame of a later version from a broken one', () => {
  expect(readFrame('{"type":"snooze","ids":[]}')).toEqual({ unknownType: 'snooze' })
})

it('lets a burst through, then a steady rate', () => {
  let nowMs = 0
  const allowed = makeFrameAllowance(() => nowMs)
  const granted = (count: number) => Array.from({ length: count }, allowed).filter(Boolean).length
  expect(granted(100)).toBe(60)
  nowMs += 1_000
  expect(granted(100)).toBe(20)
  nowMs -= 5_000
  expect(granted(1)).toBe(0)
})

it.each([
  ['Hello', '810548656c6c6f'],
  ['x'.repeat(125), `817d${'78'.repeat(125)}`],
  ['x'.repeat(126), `817e007e${'78'.repeat(126)}`],
  ['x'.repeat(65_535), `817effff${'78'.repeat(65_535)}`],
])('the frame of a text is as RFC 6455 §5.7 shows it', (text, hex) => {
  expect(webSocketFrame(text).toString('hex')).toBe(hex)
})

it.each(['', 'Hello', 'x'.repeat(126), 'schön'])(
  'the text of a frame is read again: %s',
  (text) => {
    expect(textOf(webSocketFrame(text))).toBe(text)
  },
)

it('a frame longer than any of ours is a bug', () => {
  expect(() => webSocketFrame('x'.repeat(65_536))).toThrow('65536')
})
