import type { IdentifiedToken } from '@quits/proto/grpc'
import { beforeEach, expect, test } from 'vitest'
import { makeIdentity } from './identity.ts'
import type { Proof } from './keys.ts'

const nobody: IdentifiedToken = {
  known: false,
  userId: '',
  activated: false,
  sessionId: '',
  expiresAtMs: '0',
  role: '',
}

let nowMs = 0
let liveSinceMs: number | undefined
let asked: string[] = []
let answers: (token: string) => Promise<IdentifiedToken>

const person = (over: Partial<IdentifiedToken> = {}): IdentifiedToken => ({
  known: true,
  userId: 'ann',
  activated: true,
  sessionId: 's1',
  expiresAtMs: String(nowMs + 900_000),
  role: 'user',
  ...over,
})
const proofs: Record<string, Proof> = {
  junk: { kind: 'junk' },
  unknown: { kind: 'unknown' },
  blind: { kind: 'blind' },
}
const build = () =>
  makeIdentity({
    keys: {
      prove: async (token) =>
        proofs[token] ?? { kind: 'proved', userId: 'ann', sessionId: 's1', expiresAtMs: 9e15 },
    },
    authority: {
      identify: (token) => {
        asked.push(token)
        return answers(token)
      },
    },
    liveSinceMs: () => liveSinceMs,
    now: () => nowMs,
    random: () => drawn,
  })

let drawn = 1

beforeEach(() => {
  nowMs = 1_000_000
  drawn = 1
  liveSinceMs = 0
  asked = []
  answers = async () => person()
})

test.each([
  [{ activated: true }, 'activated'],
  [{ activated: false }, 'unactivated'],
  [{ role: 'service' }, 'service'],
  [{ role: 'admin' }, 'activated'],
] as const)('a token of %o has tier %s', async (over, tier) => {
  answers = async () => person(over)
  expect(await build().who('t')).toEqual({ tier, userId: 'ann', degraded: false })
})

test('no token, a junk one and one of an unknown key are anonymous without a look-up', async () => {
  const identity = build()
  for (const token of ['', 'junk', 'unknown']) {
    expect(await identity.who(token)).toEqual({ tier: 'anonymous', userId: '', degraded: false })
  }
  expect(asked).toEqual([])
})

test('a known token is asked once a minute, however many ask at once', async () => {
  const identity = build()
  await Promise.all([identity.who('t'), identity.who('t'), identity.who('t')])
  nowMs += 59_000
  await identity.who('t')
  expect(asked).toHaveLength(1)
  nowMs += 2_000
  await identity.who('t')
  expect(asked).toHaveLength(2)
})

test('tokens that came together are not asked for again together', async () => {
  const identity = build()
  for (const [token, share] of [
    ['a', 0],
    ['b', 0.5],
    ['c', 1],
  ] as const) {
    drawn = share
    await identity.who(token)
  }
  for (const expected of ['a', 'b', 'c']) {
    nowMs += expected === 'a' ? 31_000 : 15_000
    asked = []
    drawn = 1
    for (const token of ['a', 'b', 'c']) await identity.who(token)
    expect(asked).toEqual([expected])
  }
})

test('a refused token is asked again after five seconds', async () => {
  answers = async () => nobody
  const identity = build()
  for (const aheadMs of [0, 4_000, 1_500]) {
    nowMs += aheadMs
    expect((await identity.who('t')).tier).toBe('anonymous')
  }
  expect(asked).toHaveLength(2)
})

test('while invalidations are not heard the cache lives five seconds', async () => {
  liveSinceMs = undefined
  const identity = build()
  await identity.who('t')
  nowMs += 5_500
  await identity.who('t')
  expect(asked).toHaveLength(2)
})

test('what was cached before invalidations were heard is not trusted longer once they are', async () => {
  liveSinceMs = undefined
  const identity = build()
  await identity.who('t')
  liveSinceMs = nowMs + 1_000
  nowMs += 5_500
  await identity.who('t')
  expect(asked).toHaveLength(2)
})

test('while the authority fails a known token keeps its tier and an unknown one has none', async () => {
  const identity = build()
  await identity.who('old')
  nowMs += 61_000
  answers = () => Promise.reject(new Error('unavailable'))
  expect(await identity.who('old')).toEqual({ tier: 'activated', userId: 'ann', degraded: true })
  expect(await identity.who('new')).toEqual({ tier: 'anonymous', userId: '', degraded: true })
  expect(await identity.who('blind')).toEqual({ tier: 'anonymous', userId: '', degraded: true })
})

test('even then a token ends at its expiry', async () => {
  const identity = build()
  await identity.who('t')
  answers = () => Promise.reject(new Error('unavailable'))
  nowMs += 901_000
  expect((await identity.who('t')).tier).toBe('anonymous')
})

test('a revoked session is anonymous at once, and its token is not looked up', async () => {
  const identity = build()
  await identity.who('t')
  identity.sessionRevoked('s1')
  expect((await identity.who('t')).tier).toBe('anonymous')
  expect(asked).toHaveLength(1)
})

test('an answer in flight cannot revive a session that was revoked meanwhile', async () => {
  const answer = Promise.withResolvers<IdentifiedToken>()
  answers = () => answer.promise
  const identity = build()
  const asking = identity.who('t')
  await Promise.resolve()
  identity.sessionRevoked('s1')
  answer.resolve(person())
  expect((await asking).tier).toBe('anonymous')
  expect((await identity.who('t')).tier).toBe('anonymous')
})

test('an activated user has the new tier at the next request', async () => {
  answers = async () => person({ activated: false })
  const identity = build()
  expect((await identity.who('t')).tier).toBe('unactivated')
  nowMs += 10
  identity.userChanged('ann')
  nowMs += 10
  answers = async () => person({ activated: true })
  expect((await identity.who('t')).tier).toBe('activated')
})

test('an answer from before the activation is used once and not kept', async () => {
  const answer = Promise.withResolvers<IdentifiedToken>()
  answers = () => answer.promise
  const identity = build()
  const asking = identity.who('t')
  identity.userChanged('ann')
  answer.resolve(person({ activated: false }))
  expect((await asking).tier).toBe('unactivated')
  nowMs += 10
  answers = async () => person()
  expect((await identity.who('t')).tier).toBe('activated')
})

test('a deleted user is anonymous at once', async () => {
  const identity = build()
  await identity.who('t')
  identity.userDeleted('ann')
  expect((await identity.who('t')).tier).toBe('anonymous')
})
