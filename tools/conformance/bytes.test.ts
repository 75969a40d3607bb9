import { expect, test } from 'vitest'
import { closeBytes, frameBytes, opcodes, parseFrame, textBytes } from './bytes.ts'

test.each([0, 1, 125, 126, 65_535, 65_536])(
  'a frame of %i bytes is read as it was made',
  (length) => {
    const payload = Buffer.alloc(length, 0x61)
    const bytes = frameBytes({ opcode: opcodes.binary, payload, masked: false })
    const parsed = parseFrame(Buffer.concat([bytes, Buffer.from('next')]))
    expect(parsed?.frame).toMatchObject({ opcode: 2, fin: true, reserved: 0, masked: false })
    expect(parsed?.frame.payload.equals(payload)).toBe(true)
    expect(parsed?.rest.toString()).toBe('next')
    expect(parseFrame(bytes.subarray(0, -1))).toBeUndefined()
  },
)

test('a frame is masked unless told otherwise: the example of RFC 6455, 5.7', () => {
  expect(textBytes('Hello').toString('hex')).toBe('818537fa213d7f9f4d5158')
  const plain = frameBytes({ opcode: opcodes.text, payload: 'Hello', masked: false })
  expect(plain.toString('hex')).toBe('810548656c6c6f')
})

test('what nobody may send can be made', () => {
  expect(frameBytes({ opcode: 11, fin: false, reserved: 5 })[0]).toBe(0x5b)
  expect(
    frameBytes({ opcode: 1, claims: 2n ** 63n })
      .subarray(1, 10)
      .toString('hex'),
  ).toBe('ff8000000000000000')
  expect(closeBytes(4501).subarray(2, 6).toString('hex')).toBe('37fa213d')
})
