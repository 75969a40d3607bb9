/** Whose bearer token this is: asked over gRPC, remembered for at most a minute. */
import { createHash } from 'node:crypto'
import { makeBoundedCache } from '@quits/kit/bounded-cache'
import { makeTurnBatch } from '@quits/kit/turn-batch'
import {
  batchLengthMax,
  type IdentifiedToken,
  type IdentifyRequest,
  type IdentifyResponse,
} from '@quits/proto/grpc'
import type { EndedSessions } from './sessions.ts'
import type { Pass } from './tickets.ts'

const knownMs = 60_000
const refusedMs = 5_000
/** While nobody tells us of ended sessions, an answer must not be trusted for long. */
const blindMs = 5_000
const knownMax = 20_000
/** Junk has a cache of its own, so that a flood of it cannot push out known callers. */
const refusedMax = 20_000
const pendingMax = 10_000

/** Thrown when the authority can't be asked now. */
export class IdentityAwayError extends Error {
  override name = 'IdentityAwayError'
}

export type Identity = ReturnType<typeof makeIdentity>

export const makeIdentity = (options: {
  ask: (request: IdentifyRequest) => Promise<IdentifyResponse>
  ended: EndedSessions
  /** Whether ended sessions are being heard of now. */
  hearing: () => boolean
  now: () => number
}) => {
  const { ended, now } = options
  const known = makeBoundedCache<Pass>({ entriesMax: knownMax, now })
  const refused = makeBoundedCache<true>({ entriesMax: refusedMax, now })

  // A thousand who come back at once are a few calls, not a thousand.
  const askTogether = makeTurnBatch<string, IdentifiedToken>({
    lengthMax: batchLengthMax,
    pendingMax,
    run: async (tokens) => (await options.ask({ tokens })).identities,
  })

  const asked = async (token: string): Promise<Pass | undefined> => {
    const identity = await askTogether(token).catch((error: unknown) => {
      throw new IdentityAwayError('identity can not be asked', { cause: error })
    })
    if (!identity.known) return undefined
    const { userId, sessionId, expiresAtMs } = identity
    return { userId, sessionId, expiresAtMs: Number(expiresAtMs) }
  }

  const valid = (pass: Pass) => (pass.expiresAtMs > now() && !ended.has(pass) ? pass : undefined)

  const refuse = (key: string): undefined => {
    known.delete(key)
    refused.set(key, true, refusedMs)
  }

  return {
    /** The holder of the token, or undefined. With `fresh` the authority is asked every time. */
    async identify(token: string, wish: { fresh: boolean }): Promise<Pass | undefined> {
      const key = createHash('sha256').update(token).digest('base64url')
      const remembered = wish.fresh ? undefined : known.get(key)
      if (remembered !== undefined) return valid(remembered)
      if (!wish.fresh && refused.get(key) === true) return undefined
      const pass = await asked(token)
      if (pass === undefined) return refuse(key)
      known.set(key, pass, options.hearing() ? knownMs : blindMs)
      refused.delete(key)
      return valid(pass)
    },
    forgetSession(sessionId: string): void {
      known.deleteWhere((pass) => pass.sessionId === sessionId)
    },
  }
}
