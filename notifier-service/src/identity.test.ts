import { expect, it } from 'vitest'
import { IdentityAwayError, makeIdentity } from './identity.ts'
import { makeEndedSessions } from './sessions.ts'

const makeScene = () => {
  const state = { nowMs: 0, asked: 0, known: true, away: false, hearing: true }
  const now = () => state.nowMs
  const ended = makeEndedSessions(now)
  const identity = makeIdentity({
    ask: async ({ tokens }) => {
      state.asked += 1
      if (state.away) throw new Error('14 UNAVAILABLE')
      const who = { sessionId: 's', activated: true, role: 'user', expiresAtMs: '900000' }
      const userOf = (token: string) => (token.startsWith('user ') ? token : 'u')
      const identities = tokens.map((token) => ({
        known: state.known && token !== 'stranger',
        userId: userOf(token),
        ...who,
      }))
      return { identities }
    },
    ended,
    hearing: () => state.hearing,
    now,
  })
  return { state, ended, identity }
}
const cached = { fresh: false }

it('remembers an answer for a minute, and a refusal for five seconds', async () => {
  const { state, identity } = makeScene()
  await identity.identify('t', cached)
  state.nowMs = 59_000
  expect(await identity.identify('t', cached)).toMatchObject({ userId: 'u' })
  expect(state.asked).toBe(1)
  state.nowMs = 61_000
  await identity.identify('t', cached)
  expect(state.asked).toBe(2)

  state.known = false
  expect(await identity.identify('junk', cached)).toBeUndefined()
  state.nowMs += 4_000
  await identity.identify('junk', cached)
  expect(state.asked).toBe(3)
  state.nowMs += 2_000
  await identity.identify('junk', cached)
  expect(state.asked).toBe(4)
})

it('remembers only five seconds while it does not hear of ended sessions', async () => {
  const { state, identity } = makeScene()
  state.hearing = false
  await identity.identify('t', cached)
  state.nowMs = 6_000
  await identity.identify('t', cached)
  expect(state.asked).toBe(2)
})

it('forgets an ended session, and an answer under way cannot revive it', async () => {
  const { state, ended, identity } = makeScene()
  await identity.identify('t', cached)
  const underWay = identity.identify('t2', cached)
  ended.add('s')
  identity.forgetSession('s')
  expect(await underWay).toBeUndefined()
  expect(await identity.identify('t', cached)).toBeUndefined()
  expect(state.asked).toBe(3)
})

it('asks every time when told to, and never vouches beyond the end of a token', async () => {
  const { state, identity } = makeScene()
  await identity.identify('t', { fresh: true })
  await identity.identify('t', { fresh: true })
  expect(state.asked).toBe(2)
  state.nowMs = 900_001
  expect(await identity.identify('t', cached)).toBeUndefined()
})

it('says that the authority is away rather than that the token is wrong', async () => {
  const { state, identity } = makeScene()
  state.away = true
  await expect(identity.identify('t', cached)).rejects.toThrow(IdentityAwayError)
})

it('keeps known callers through a flood of junk', async () => {
  const { state, identity } = makeScene()
  await identity.identify('t', cached)
  state.known = false
  for (let count = 0; count < 20_000; count += 1) await identity.identify(`junk ${count}`, cached)
  expect(state.asked).toBe(20_001)
  expect(await identity.identify('t', cached)).toMatchObject({ userId: 'u' })
  expect(state.asked).toBe(20_001)

  state.known = true
  await identity.identify('t2', cached)
  expect(await identity.identify('junk 19999', cached)).toBeUndefined()
  expect(state.asked).toBe(20_002)
})

it('a fresh answer overrules what is remembered, either way', async () => {
  const { state, identity } = makeScene()
  await identity.identify('t', cached)
  state.known = false
  expect(await identity.identify('t', { fresh: true })).toBeUndefined()
  expect(await identity.identify('t', cached)).toBeUndefined()
  state.known = true
  expect(await identity.identify('t', { fresh: true })).toMatchObject({ userId: 'u' })
  expect(await identity.identify('t', cached)).toMatchObject({ userId: 'u' })
  expect(state.asked).toBe(3)
})

it('asks together for those who come together, and gives everybody their own answer', async () => {
  const { state, identity } = makeScene()
  const tokens = ['user 1', 'stranger', 'user 2', 'user 1']
  const passes = await Promise.all(tokens.map((token) => identity.identify(token, { fresh: true })))
  expect(passes.map((pass) => pass?.userId)).toEqual(['user 1', undefined, 'user 2', 'user 1'])
  expect(state.asked).toBe(1)
})
