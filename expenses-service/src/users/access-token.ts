/**
 * Access tokens: JWT signed with Ed25519. The first key signs, every key verifies, so a key is
 * replaced by putting the new one in front and taking the old one away a token's life later.
 */
import { createHash, createPrivateKey, createPublicKey, hash, type KeyObject } from 'node:crypto'
import { makeBoundedCache } from '@quits/kit/bounded-cache'
import { jwtVerify, SignJWT } from 'jose'
import { z } from 'zod'

/** Whom a token speaks of, and until when (Unix milliseconds). */
export interface AccessClaims {
  userId: string
  sessionId: string
  expiresAtMs: number
}

const algorithm = 'EdDSA'
const tokenLengthMax = 2_048
// Verifying costs 130 µs; an entry about 300 bytes.
const verifiedEntriesMax = 20_000
// RFC 8410: everything of a PKCS #8 Ed25519 key but the seed.
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex')

const claims = z.object({ sub: z.uuid(), sid: z.uuid(), exp: z.int() })

interface SigningKey {
  kid: string
  x: string
  privateKey: KeyObject
  publicKey: KeyObject
}

const keyOf = (seed: Buffer): SigningKey => {
  const der = Buffer.concat([pkcs8Prefix, seed])
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  const publicKey = createPublicKey(privateKey)
  const x = z.string().parse(publicKey.export({ format: 'jwk' }).x)
  return {
    kid: createHash('sha256').update(x).digest('base64url').slice(0, 16),
    x,
    privateKey,
    publicKey,
  }
}

export type AccessTokens = ReturnType<typeof makeAccessTokens>

/** `now` is in Unix milliseconds and comes in, so that tests own the clock. */
export const makeAccessTokens = (options: {
  seeds: Buffer[]
  issuer: string
  ttlSeconds: number
  now: () => number
}) => {
  const { issuer, now } = options
  const keys = options.seeds.map(keyOf)
  const [signing] = keys
  if (signing === undefined) throw new Error('no signing key')
  const publicKeys = new Map(keys.map(({ kid, publicKey }) => [kid, publicKey]))
  const verified = makeBoundedCache<AccessClaims>({ entriesMax: verifiedEntriesMax, now })

  const verify = async (token: string): Promise<AccessClaims | undefined> => {
    try {
      const { payload } = await jwtVerify(
        token,
        ({ kid }) => {
          const key = publicKeys.get(kid ?? '')
          if (key === undefined) throw new Error('unknown key')
          return key
        },
        { algorithms: [algorithm], issuer, currentDate: new Date(now()) },
      )
      const { sub, sid, exp } = claims.parse(payload)
      return { userId: sub, sessionId: sid, expiresAtMs: exp * 1_000 }
    } catch {
      return undefined
    }
  }

  return {
    /** A token for a session that began or went on just now. */
    async sign(userId: string, sessionId: string) {
      const expiresAtSeconds = Math.floor(now() / 1_000) + options.ttlSeconds
      const accessToken = await new SignJWT({ sid: sessionId })
        .setProtectedHeader({ alg: algorithm, kid: signing.kid, typ: 'JWT' })
        .setIssuer(issuer)
        .setSubject(userId)
        .setIssuedAt(Math.floor(now() / 1_000))
        .setExpirationTime(expiresAtSeconds)
        .sign(signing.privateKey)
      return { accessToken, expiresAt: new Date(expiresAtSeconds * 1_000).toISOString() }
    },
    /** Signature and life only: whether the session still lives is in its row. */
    async read(token: string): Promise<AccessClaims | undefined> {
      if (token.length === 0 || token.length > tokenLengthMax) return undefined
      const cacheKey = hash('sha256', token, 'base64')
      const known = verified.get(cacheKey)
      if (known !== undefined) return known
      const found = await verify(token)
      if (found !== undefined) verified.set(cacheKey, found, found.expiresAtMs - now())
      return found
    },
    /** The public keys, for everybody who verifies (RFC 7517). */
    jwks: {
      keys: keys.map(({ kid, x }) => ({
        kty: 'OKP',
        crv: 'Ed25519',
        alg: algorithm,
        use: 'sig',
        kid,
        x,
      })),
    },
  }
}
