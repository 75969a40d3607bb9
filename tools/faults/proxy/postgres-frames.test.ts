import { expect, test } from 'vitest'
import { doneMessage, parseMessage, postgresFrames } from './postgres-frames.ts'

const typed = (letter: string, body: string) => {
  const head = Buffer.alloc(5)
  head.write(letter)
  head.writeUInt32BE(4 + Buffer.byteLength(body), 1)
  return Buffer.concat([head, Buffer.from(body)])
}
const startup = Buffer.from([0, 0, 0, 9, 0, 3, 0, 0, 0])

const conversation = Buffer.concat([
  startup,
  typed('Q', 'BEGIN\0'),
  typed('P', 'insert-postings\0INSERT …\0\0\0'),
  typed('B', '\0insert-postings\0\0\0'),
  typed('P', '\0SELECT 1\0\0\0'),
  typed('B', '\0\0\0\0'),
  typed('E', '\0\0\0\0\0'),
  typed('Q', 'COMMIT\0'),
])
const said = [
  'startup',
  'query BEGIN',
  'parse insert-postings',
  'bind insert-postings',
  'parse SELECT 1',
  'bind SELECT 1',
  'execute SELECT 1',
  'query COMMIT',
]

test('requests are told apart by what they are about', () => {
  const frames = postgresFrames('request').push(conversation)
  expect(frames.map(({ label }) => label)).toEqual(said)
})

test('however the bytes arrive, the same frames come out and no byte is lost', () => {
  for (const size of [1, 3, 7, 64]) {
    const splitter = postgresFrames('request')
    const frames = []
    for (let at = 0; at < conversation.length; at += size) {
      frames.push(...splitter.push(conversation.subarray(at, at + size)))
    }
    expect(frames.map(({ label }) => label)).toEqual(said)
    expect(Buffer.concat(frames.map(({ bytes }) => bytes))).toEqual(conversation)
  }
})

test('a reply tells which command is done; made-up messages read like real ones', () => {
  const labels = postgresFrames('reply')
    .push(Buffer.concat([typed('D', 'row'), doneMessage('COMMIT')]))
    .map(({ label }) => label)
  expect(labels).toEqual(['D', 'done COMMIT'])
  expect(parseMessage('commit', 'ROLLBACK')).toEqual(typed('P', 'commit\0ROLLBACK\0\0\0'))
})
