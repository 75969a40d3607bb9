/** Who a bearer token belongs to: for our own routes, and by gRPC for throttler and notifier. */
import { status } from '@grpc/grpc-js'
import { GrpcRefusal, serve } from '@quits/kit/grpc'
import type { Pool } from '@quits/kit/postgres'
import { batchLengthMax, type IdentifiedToken, identityContract } from '@quits/proto/grpc'
import { ledgerError } from '../errors.ts'
import type { Authenticate } from '../routing.ts'
import type { AccessTokens } from './access-token.ts'
import { type LiveSession, readLiveSessions } from './session-store.ts'

const nobody: IdentifiedToken = {
  known: false,
  userId: '',
  activated: false,
  sessionId: '',
  expiresAtMs: '0',
  role: '',
}

/** `token` checks the signature alone; `session` reads the session's row as well. */
export const makeAuthenticate = (pool: Pool, accessTokens: AccessTokens): Authenticate => {
  const token = async (bearer: string | undefined) => {
    const claims = bearer === undefined ? undefined : await accessTokens.read(bearer)
    if (claims === undefined) throw ledgerError('unauthenticated')
    return { userId: claims.userId, sessionId: claims.sessionId }
  }
  return {
    token,
    async session(bearer) {
      const caller = await token(bearer)
      const live = (await readLiveSessions(pool, [caller.sessionId])).get(caller.sessionId)
      if (live?.userId !== caller.userId) throw ledgerError('unauthenticated')
      return caller
    },
  }
}

/**
 * Identities of tokens, in their order: one query for all, none when no signature holds. A junk,
 * expired or revoked token is an answer and no failure.
 */
const makeIdentify =
  (pool: Pool, accessTokens: AccessTokens) =>
  async (tokens: string[]): Promise<IdentifiedToken[]> => {
    const claims = await Promise.all(tokens.map((token) => accessTokens.read(token)))
    const wanted = new Set(claims.flatMap((claim) => claim?.sessionId ?? []))
    const live =
      wanted.size === 0 ? new Map<string, LiveSession>() : await readLiveSessions(pool, [...wanted])
    return claims.map((claim) => {
      const session = claim === undefined ? undefined : live.get(claim.sessionId)
      if (claim === undefined || session?.userId !== claim.userId) return nobody
      const expiresAtMs = Math.min(claim.expiresAtMs, session.expiresAt.getTime())
      return {
        known: true,
        userId: session.userId,
        activated: session.activated,
        sessionId: session.id,
        expiresAtMs: String(expiresAtMs),
        role: session.role,
      }
    })
  }

/** The gRPC service `quits.identity.v1.Identity`. */
export const makeIdentityService = (pool: Pool, accessTokens: AccessTokens) => {
  const identify = makeIdentify(pool, accessTokens)
  return serve(identityContract, {
    async Identify({ tokens }) {
      if (tokens.length > batchLengthMax) {
        throw new GrpcRefusal(status.INVALID_ARGUMENT, `at most ${batchLengthMax} tokens`)
      }
      return { identities: await identify(tokens) }
    },
  })
}
