import type { KafkaRecord, ReceivedRecord } from '@quits/kit/kafka'
import { deadLetter } from '@quits/proto/dead-letters'
import { expect, test } from 'vitest'
import { deadLetterOf, inSends, valueLengthMax } from './dead-letter.ts'

const brokerBytesMax = 1_048_576
const record = (what: Partial<ReceivedRecord>): ReceivedRecord => ({
  topic: 't.books',
  partition: 4,
  offset: '7',
  timestampMs: 0,
  key: 'k',
  value: '{}',
  ...what,
})
const read = (value: string) => deadLetter.parse(JSON.parse(value))

test.each([
  ['quotes', '"'],
  ['control characters', '\u0001'],
  ['letters of three bytes', '\u20ac'],
])('a letter about a megabyte of %s fits, and says that it was cut', (_, unit) => {
  const poison = record({ key: unit.repeat(5_000), value: unit.repeat(1_000_000) })
  const { value } = deadLetterOf(poison, unit.repeat(100_000), unit.repeat(100_000))
  expect(Buffer.byteLength(value)).toBeLessThan(brokerBytesMax / 2)
  expect(read(value)).toMatchObject({
    value: unit.repeat(valueLengthMax),
    cut: { keyLength: 5_000, valueLength: 1_000_000 },
  })
  // Broken twin: the whole value, as JSON escapes it.
  expect(Buffer.byteLength(JSON.stringify(poison))).toBeGreaterThan(brokerBytesMax)
})

test('what fits stays whole, and says nothing of a cut', () => {
  const value = 'x'.repeat(valueLengthMax)
  const letter = read(deadLetterOf(record({ value }), 'r', 's').value)
  expect(letter.value).toBe(value)
  expect(letter).not.toHaveProperty('cut')
})

test('a batch of letters goes out in order, in pieces that the broker takes', () => {
  const records = Array.from({ length: 500 }, (_, index) =>
    deadLetterOf(record({ offset: String(index), value: '"'.repeat(10_000) }), 'r', 's'),
  )
  const sends = inSends(records)
  expect(sends.flat()).toEqual(records)
  const bytesOf = (some: KafkaRecord[]) =>
    some.reduce((sum, { value }) => sum + Buffer.byteLength(value), 0)
  expect(Math.max(...sends.map(bytesOf))).toBeLessThan(brokerBytesMax)
  expect(Math.min(...sends.slice(0, -1).map(bytesOf))).toBeGreaterThan(brokerBytesMax / 2)
  // Broken twin: all of them at once.
  expect(bytesOf(records)).toBeGreaterThan(brokerBytesMax)
  expect(inSends([])).toEqual([])
})
