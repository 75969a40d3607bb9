import { expect, test } from 'vitest'
import { codeHash, codesCount, codeText, judgeCode, nonceHash } from './codes.ts'

const key = Buffer.alloc(32, 1)
const bound = { nonce: 'nonce', address: 'ana@example.test', code: '01234567' }
const hash = codeHash(key, bound)
const state = { codeHash: hash, triesLeft: 5, used: false, expired: false }

test('a code is always eight digits', () => {
  expect(codeText(0)).toBe('00000000')
  expect(codeText(42)).toBe('00000042')
  expect(codeText(codesCount - 1)).toBe('99999999')
})

test('the code opens its own request', () => {
  expect(judgeCode(state, codeHash(key, bound))).toBe('right')
})

test('another code, nonce, address or key does not', () => {
  const strangers = [
    codeHash(key, { ...bound, code: '01234568' }),
    codeHash(key, { ...bound, nonce: 'other' }),
    codeHash(key, { ...bound, address: 'bo@example.test' }),
    codeHash(Buffer.alloc(32, 2), bound),
  ]
  for (const stranger of strangers) expect(judgeCode(state, stranger)).toBe('wrong')
})

test('parts cannot be shifted from one field into the next', () => {
  const shifted = codeHash(key, {
    nonce: 'nonce"',
    address: ',"ana@example.test',
    code: '01234567',
  })
  expect(shifted.equals(hash)).toBe(false)
  expect(nonceHash('a').equals(nonceHash('b'))).toBe(false)
})

/** The promise itself, so that broken judges can be shown to break it. */
const opensOnlyOnceInTimeWithinTries = (judge: typeof judgeCode) =>
  judge(state, hash) === 'right' &&
  judge({ ...state, used: true }, hash) === 'dead' &&
  judge({ ...state, expired: true }, hash) === 'dead' &&
  judge({ ...state, triesLeft: 0 }, hash) === 'dead'

test('the right code opens nothing when used, expired or out of tries', () => {
  expect(opensOnlyOnceInTimeWithinTries(judgeCode)).toBe(true)
})

test('twin: a judge that forgets one of the three is caught', () => {
  const forgetful: (typeof judgeCode)[] = [
    (code, presented) => judgeCode({ ...code, used: false }, presented),
    (code, presented) => judgeCode({ ...code, expired: false }, presented),
    (code, presented) => judgeCode({ ...code, triesLeft: 1 }, presented),
  ]
  expect(forgetful.map(opensOnlyOnceInTimeWithinTries)).toEqual([false, false, false])
})
