import { parseOptions } from '@node-rs/argon2'
import { expect, test } from 'vitest'
import { LedgerError } from '../errors.ts'
import { makePasswords } from './passwords.ts'

test('a password is stored as Argon2id at the cost of the design', async () => {
  const stored = await makePasswords().hash('correct horse')
  expect(stored).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
  expect(parseOptions(stored)).toMatchObject({ memoryCost: 19_456, timeCost: 2, parallelism: 1 })
})

test('the right password opens, from any keyboard; twin: another one does not', async () => {
  const passwords = makePasswords()
  const stored = await passwords.hash('cafe\u0301 horse')
  expect(await passwords.verify(stored, 'caf\u00e9 horse')).toBe(true)
  expect(await passwords.verify(stored, 'cafe horse')).toBe(false)
})

test('where there is no password nothing opens, after a real verification', async () => {
  const passwords = makePasswords()
  for (const password of ['', 'quits-no-password', 'correct horse']) {
    expect(await passwords.verify(undefined, password)).toBe(false)
  }
})

test('a full queue is busy at once, and empties', async () => {
  const passwords = makePasswords()
  const flood = await Promise.allSettled(
    Array.from({ length: 18 }, () => passwords.verify(undefined, 'x')),
  )
  const refused = flood.filter(({ status }) => status === 'rejected')
  expect(refused).toHaveLength(2)
  for (const outcome of refused) {
    expect(outcome).toMatchObject({ reason: expect.any(LedgerError) as unknown })
    expect(outcome).toMatchObject({ reason: { code: 'busy' } })
  }
  expect(await passwords.verify(undefined, 'x')).toBe(false)
})
