import { expect, test } from 'vitest'
import { answerBytesMax, answerHead, readAnswerHead } from './handshake.ts'

test('a head has every header once per value', () => {
  const head = answerHead('403 Forbidden', { 'content-length': 0, 'set-cookie': ['a=1', 'b=2'] })
  expect(head).toBe(
    'HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nset-cookie: a=1\r\nset-cookie: b=2\r\n\r\n',
  )
})

test('an answer is read when its head is whole, and not before', () => {
  const whole = Buffer.from(
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nX:  y \r\n\r\nrest',
  )
  const length = whole.length - 4
  for (let size = 0; size < length; size += 1) {
    expect(readAnswerHead(whole.subarray(0, size))).toBeUndefined()
  }
  expect(readAnswerHead(whole)).toEqual({
    status: 101,
    headers: { upgrade: 'websocket', x: 'y' },
    length,
  })
})

test.each([
  ['no status', 'HTTP/1.1 OK\r\n\r\n'],
  ['another protocol', 'SSH-2.0-x\r\n\r\n'],
  ['no end', 'x'.repeat(answerBytesMax + 1)],
])('%s is broken', (_name, text) => {
  expect(readAnswerHead(Buffer.from(text))).toBe('broken')
})
