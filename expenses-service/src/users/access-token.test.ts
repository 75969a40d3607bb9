import { createPrivateKey, randomBytes, randomUUID } from 'node:crypto'
import { createLocalJWKSet, jwtVerify, SignJWT, UnsecuredJWT } from 'jose'
import { expect, test } from 'vitest'
import { makeAccessTokens } from './access-token.ts'

const issuer = 'https://quits.test'
const ttlSeconds = 900
const userId = randomUUID()
const sessionId = randomUUID()
const old = randomBytes(32)
const fresh = randomBytes(32)

const tokensOf = (seeds: Buffer[], now: () => number = Date.now) =>
  makeAccessTokens({ seeds, issuer, ttlSeconds, now })

test('a signed token is read back until it expires, from the cache as well', async () => {
  let at = Date.parse('2026-11-20T12:00:00Z')
  const tokens = tokensOf([fresh], () => at)
  const { accessToken, expiresAt } = await tokens.sign(userId, sessionId)
  expect(expiresAt).toBe('2026-11-20T12:15:00.000Z')
  const claims = { userId, sessionId, expiresAtMs: Date.parse(expiresAt) }
  expect(await tokens.read(accessToken)).toEqual(claims)
  at += ttlSeconds * 1_000 - 1
  expect(await tokens.read(accessToken)).toEqual(claims)
  at += 1
  expect(await tokens.read(accessToken)).toBeUndefined()
})

test('a token of the old key holds while the new one signs, and no longer without it', async () => {
  const { accessToken } = await tokensOf([old]).sign(userId, sessionId)
  expect(await tokensOf([fresh, old]).read(accessToken)).toMatchObject({ userId, sessionId })
  expect(await tokensOf([fresh]).read(accessToken)).toBeUndefined()
})

test('everybody can verify by the published keys, and they hold nothing private', async () => {
  const tokens = tokensOf([fresh, old])
  const { accessToken } = await tokens.sign(userId, sessionId)
  const { payload } = await jwtVerify(accessToken, createLocalJWKSet(tokens.jwks))
  expect(payload).toMatchObject({ sub: userId, sid: sessionId })
  expect(tokens.jwks.keys.map((key) => Object.keys(key).toSorted())).toEqual(
    Array.from({ length: 2 }, () => ['alg', 'crv', 'kid', 'kty', 'use', 'x']),
  )
})

test('twin: forged, unsigned, foreign and changed tokens are nobody', async () => {
  const tokens = tokensOf([fresh])
  const { accessToken } = await tokens.sign(userId, sessionId)
  const [header = '', payload = '', signature = ''] = accessToken.split('.')
  const other = tokensOf([old])
  const sameKid = tokens.jwks.keys[0]?.kid ?? ''
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), old])
  const stranger = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  const claims = { sid: sessionId, sub: userId, iss: issuer }
  const forged = [
    '',
    'junk',
    'x'.repeat(10_000),
    `${header}.${payload}.`,
    `${header}.${payload}x.${signature}`,
    (await other.sign(userId, sessionId)).accessToken,
    new UnsecuredJWT(claims).setExpirationTime('1h').encode(),
    await new SignJWT(claims)
      .setProtectedHeader({ alg: 'EdDSA', kid: sameKid })
      .setExpirationTime('1h')
      .sign(stranger),
    await new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256', kid: sameKid })
      .setExpirationTime('1h')
      .sign(Buffer.from(tokens.jwks.keys[0]?.x ?? '', 'base64url')),
  ]
  for (const token of forged) expect(await tokens.read(token)).toBeUndefined()
})
