import { expect, test } from 'vitest'
import { clientFrame, countMessage, countNats, eachFrame, newCount, numberAt } from './counting.ts'

const serverFrame = (text: string) => {
  const payload = Buffer.from(text)
  const head =
    payload.length < 126
      ? Buffer.from([0x81, payload.length])
      : Buffer.from([0x81, 126, payload.length >> 8, payload.length & 255])
  return Buffer.concat([head, payload])
}

const feedThrough = (bytes: Buffer, size: number) => {
  const count = newCount(0)
  const texts: string[] = []
  for (let at = 0; at < bytes.length; at += size) {
    eachFrame(count, bytes.subarray(at, at + size), (from, start, end) => {
      texts.push(from.toString('utf8', start, end))
    })
  }
  return texts
}

test.each([1, 7, 130, 1_000])('frames are whole however they arrive: %s bytes at once', (size) => {
  const sent = ['', 'short', 'x'.repeat(125), 'y'.repeat(126), 'z'.repeat(300)]
  expect(feedThrough(Buffer.concat(sent.map(serverFrame)), size)).toEqual(sent)
})

test.each([
  ['in order', [1, 2, 3], 0],
  ['a hole', [1, 3], 1],
  ['twice', [1, 1], 1],
  ['turned round', [2, 1], 2],
  ['no number', [Number.NaN], 1],
])('%s: what does not follow is a fault', (_name, numbers, faults) => {
  const count = newCount(0)
  for (const number of numbers) countMessage(count, number)
  expect(count).toMatchObject({ faults, messages: numbers.length })
})

test('messages of nats-server are counted over several frames, lines are handed on', () => {
  const message = (seq: number) => {
    const payload = `{"type":"event","seq":${seq},"id":"x"}`
    return `MSG feed 1 ${payload.length}\r\n${payload}\r\n`
  }
  const stream = Buffer.from(`INFO {}\r\n${message(1)}PING\r\n${message(2)}${message(3)}`)
  const count = newCount(0)
  const lines: string[] = []
  const read = countNats(count, stream.subarray(0, -5), (line) => lines.push(line))
  expect(count).toMatchObject({ messages: 2, last: 2, faults: 0 })
  countNats(count, stream.subarray(read), (line) => lines.push(line))
  expect(count).toMatchObject({ messages: 3, last: 3, faults: 0 })
  expect(lines).toEqual(['INFO {}', 'PING'])
})

test('a client frame is masked and says how long it is', () => {
  const frame = clientFrame('pong', 1)
  expect(frame.subarray(0, 6)).toEqual(Buffer.from([0x81, 0x84, 1, 2, 3, 4]))
  expect(frame.subarray(6).map((byte, index) => byte ^ (index + 1))).toEqual(Buffer.from('pong'))
  expect(clientFrame('x'.repeat(200), 1).readUInt16BE(2)).toBe(200)
})

test('a number ends where its digits end', () => {
  expect(numberAt(Buffer.from('a120,'), 1)).toBe(120)
  expect(numberAt(Buffer.from('a'), 0)).toBeNaN()
})
