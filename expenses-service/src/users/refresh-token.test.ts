import { randomBytes, randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import {
  formRefreshToken,
  judgeRefresh,
  parseRefreshToken,
  type RefreshToken,
  refreshHash,
  successorOf,
} from './refresh-token.ts'

const key = randomBytes(32)
const sessionId = randomUUID()
const sessionSecret = randomBytes(32)
const first = randomBytes(32)
const second = successorOf(sessionSecret, first)
const third = successorOf(sessionSecret, second)

const tokenOf = (secret: Buffer, madeWith = key): RefreshToken => {
  const token = parseRefreshToken(key, formRefreshToken(madeWith, sessionId, secret))
  if (token === undefined) throw new Error('not a token')
  return token
}

const live = {
  tokenHash: refreshHash(third),
  previousHash: refreshHash(second),
  fresh: true,
  live: true,
}

test('a token is read back as it was formed', () => {
  expect(tokenOf(first)).toEqual({ sessionId, secret: first, genuine: true })
})

test('anything else is no token', () => {
  const text = formRefreshToken(key, sessionId, first)
  for (const junk of [
    '',
    'abc',
    `${text}=`,
    `${text}A`,
    text.slice(1),
    `${text} `,
    'x'.repeat(256),
  ]) {
    expect(parseRefreshToken(key, junk)).toBeUndefined()
  }
})

test('a successor is always the same, and another in another session', () => {
  expect(successorOf(sessionSecret, first).equals(second)).toBe(true)
  expect(successorOf(randomBytes(32), first).equals(second)).toBe(false)
})

test('the current token goes on, also one made before the secret was changed', () => {
  expect(judgeRefresh(live, tokenOf(third))).toBe('rotate')
  expect(judgeRefresh(live, tokenOf(third, randomBytes(32)))).toBe('rotate')
})

/** The promise itself, so that broken judges can be shown to break it. */
const holds = (judge: typeof judgeRefresh) => ({
  lostReply: judge(live, tokenOf(second)) === 'repeat',
  lateReuse: judge({ ...live, fresh: false }, tokenOf(second)) === 'reuse',
  stolenCopy: judge(live, tokenOf(first)) === 'reuse',
  madeUpBytes: judge(live, tokenOf(randomBytes(32), randomBytes(32))) === 'nobody',
  endedSession: judge({ ...live, live: false }, tokenOf(third)) === 'nobody',
})
const all = {
  lostReply: true,
  lateReuse: true,
  stolenCopy: true,
  madeUpBytes: true,
  endedSession: true,
}

test('a lost reply is repeated, a stolen copy ends the session, made-up bytes end nothing', () => {
  expect(holds(judgeRefresh)).toEqual(all)
})

test('twin: a judge without memory, time, tag or life is caught', () => {
  const twins: (typeof judgeRefresh)[] = [
    (state, token) => judgeRefresh({ ...state, previousHash: null }, token),
    (state, token) => judgeRefresh({ ...state, fresh: true }, token),
    (state, token) => judgeRefresh(state, { ...token, genuine: false }),
    (state, token) => judgeRefresh(state, { ...token, genuine: true }),
    (state, token) => judgeRefresh({ ...state, live: true }, token),
  ]
  for (const twin of twins) expect(holds(twin)).not.toEqual(all)
})
