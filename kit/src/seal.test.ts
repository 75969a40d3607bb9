import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { seal, unseal } from './seal.ts'

const key = randomBytes(32)

test('what was sealed comes back, and is not readable on the way', () => {
  const sealed = seal(key, 'job-1', { code: '12345678' })
  expect(unseal(key, 'job-1', sealed)).toEqual({ code: '12345678' })
  expect(Buffer.from(sealed, 'base64url').toString('latin1')).not.toContain('12345678')
})

test('another key, another job or a changed byte is refused', () => {
  const sealed = seal(key, 'job-1', { code: '12345678' })
  const bytes = Buffer.from(sealed, 'base64url')
  bytes[30] = (bytes[30] ?? 0) ^ 1
  expect(() => unseal(randomBytes(32), 'job-1', sealed)).toThrowError(/auth/)
  expect(() => unseal(key, 'job-2', sealed)).toThrowError(/auth/)
  expect(() => unseal(key, 'job-1', bytes.toString('base64url'))).toThrowError(/auth/)
})
