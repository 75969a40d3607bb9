import { expect, it } from 'vitest'
import { makeFrameAllowance, readFrame } from './frames.ts'

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
