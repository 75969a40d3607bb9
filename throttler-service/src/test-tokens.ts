/** For tests: a signing key, its published form, and tokens of any quality. */
import { randomUUID } from 'node:crypto'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'

export const makeTestTokens = async (kid = 'k1') => {
  const { privateKey, publicKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' })
  const published = { ...(await exportJWK(publicKey)), kid, alg: 'EdDSA', use: 'sig' }
  return {
    jwks: { keys: [published] },
    /** A well-signed access token, by default for a new session of a new user. */
    sign: (about: { userId?: string; sessionId?: string; lifeSeconds?: number } = {}) =>
      new SignJWT({ sid: about.sessionId ?? randomUUID() })
        .setProtectedHeader({ alg: 'EdDSA', kid })
        .setSubject(about.userId ?? randomUUID())
        .setIssuedAt()
        .setJti(randomUUID())
        .setExpirationTime(Math.floor(Date.now() / 1_000) + (about.lifeSeconds ?? 900))
        .sign(privateKey),
  }
}
