import { makeLog } from '@quits/kit/log'
import { afterEach, expect, test, vi } from 'vitest'
import { type Keys, makeKeys } from './keys.ts'
import { makeTestTokens } from './test-tokens.ts'

const log = makeLog({ service: 'test', level: 'silent' })
const stops: AbortController[] = []

const started = (fetchKeys: () => Promise<unknown>): Keys => {
  const keys = makeKeys({ fetchKeys, log })
  const stop = new AbortController()
  stops.push(stop)
  void keys.run(stop.signal)
  return keys
}
const loaded = async (jwks: unknown) => {
  const keys = started(async () => jwks)
  await vi.waitUntil(() => keys.loaded())
  return keys
}

afterEach(() => {
  for (const stop of stops.splice(0)) stop.abort()
})

test('a well-signed token is proved, with its user, session and expiry', async () => {
  const tokens = await makeTestTokens()
  const keys = await loaded(tokens.jwks)
  const proof = await keys.prove(await tokens.sign({ userId: 'u', sessionId: 's' }))
  expect(proof).toMatchObject({ kind: 'proved', userId: 'u', sessionId: 's' })
})

test('everything else is junk', async () => {
  const tokens = await makeTestTokens()
  const strangers = await makeTestTokens()
  const keys = await loaded(tokens.jwks)
  const good = await tokens.sign()
  const [header = '', payload = '', signature = ''] = good.split('.')
  const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`
  const hmac = Buffer.from('{"alg":"HS256","kid":"k1"}').toString('base64url')
  const junk = {
    words: 'let-me-in',
    empty: '..',
    unsigned,
    algorithm: `${hmac}.${payload}.${signature}`,
    payload: `${header}.${Buffer.from('{"sub":"1","sid":"1","exp":9e9}').toString('base64url')}.${signature}`,
    expired: await tokens.sign({ lifeSeconds: -60 }),
    stranger: await strangers.sign(),
    endless: 'a'.repeat(10_000),
  }
  for (const [name, token] of Object.entries(junk)) {
    expect({ name, ...(await keys.prove(token)) }).toEqual({ name, kind: 'junk' })
  }
  expect((await keys.prove(good)).kind).toBe('proved')
})

test('a key that we have not seen is unknown, not junk: it may have been published just now', async () => {
  const tokens = await makeTestTokens('k1')
  const next = await makeTestTokens('k2')
  const keys = await loaded(tokens.jwks)
  expect(await keys.prove(await next.sign())).toEqual({ kind: 'unknown' })
})

test('before any key was read nobody can be judged, and reading is tried again', async () => {
  const tokens = await makeTestTokens()
  let attempts = 0
  const keys = started(async () => {
    attempts += 1
    if (attempts < 2) throw new Error('not up yet')
    return tokens.jwks
  })
  expect(await keys.prove(await tokens.sign())).toEqual({ kind: 'blind' })
  await vi.waitUntil(() => keys.loaded(), { timeout: 5_000 })
  expect((await keys.prove(await tokens.sign())).kind).toBe('proved')
})
