import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type MessageType, unknownFieldsOf } from './grpc-fields.ts'

const field = (number: number, type: string, typeName = '', label = 'LABEL_OPTIONAL') => ({
  name: `f${number}`,
  number,
  type,
  typeName,
  label,
})
const types: Record<string, MessageType> = {
  'a.v1.Outer': {
    name: 'Outer',
    field: [
      field(1, 'TYPE_STRING'),
      field(2, 'TYPE_UINT32'),
      field(3, 'TYPE_MESSAGE', 'Inner', 'LABEL_REPEATED'),
      field(4, 'TYPE_MESSAGE', '.a.v1.Outer'),
    ],
  },
  'a.v1.Inner': { name: 'Inner', field: [field(1, 'TYPE_FIXED32')] },
}
const scan = (...bytes: number[]) => unknownFieldsOf(types, 'a.v1.Outer', Uint8Array.from(bytes))

test('what the definition has is no fault', () => {
  expect(scan()).toEqual([])
  expect(scan(0x0a, 2, 0x68, 0x69, 0x10, 0x80, 0x01)).toEqual([])
  expect(scan(0x1a, 5, 0x0d, 1, 2, 3, 4, 0x22, 2, 0x10, 7)).toEqual([])
})

test('an unknown number is told with its place, in lists and out of them', () => {
  expect(scan(0x28, 1)).toEqual([{ path: [], number: 5 }])
  expect(scan(0x1a, 0, 0x1a, 2, 0x10, 1)).toEqual([{ path: ['f3', '1'], number: 2 }])
  expect(scan(0x22, 2, 0x28, 1)).toEqual([{ path: ['f4'], number: 5 }])
  // A number that needs more than one byte.
  expect(scan(0x82, 0x7d, 0)).toEqual([{ path: [], number: 2_000 }])
})

test('a known field in another form, and bytes that end too soon, are faults as well', () => {
  expect(scan(0x08, 1)).toEqual([{ path: [], number: 1 }])
  expect(scan(0x0a, 0x7f, 0x41)).toEqual([{ path: [], number: 1 }])
  expect(scan(0x10, 0x80)).toEqual([{ path: [], number: 2 }])
  expect(scan(0x0b, 0x0c)).toEqual([{ path: [], number: 1 }])
})

test('depth and number of what is found are bounded', () => {
  const deep = [0x10, 7]
  for (let depth = 0; depth < 40; depth++) deep.unshift(0x22, deep.length)
  expect(scan(...deep)).toHaveLength(1)
  const many = scan(...Array.from({ length: 3_000 }, () => [0x1a, 2, 0x10, 1]).flat())
  expect(many).toHaveLength(1_025)
  expect(many.at(-1)).toEqual({ path: [], number: 0 })
})

test('any bytes are read to their end without a throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(unknownFieldsOf(types, 'a.v1.Outer', bytes).length).toBeLessThan(200)
    }),
    { numRuns: 2_000 },
  )
})
