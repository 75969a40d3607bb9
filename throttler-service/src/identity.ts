/**
 * Who a token's caller is, for limits only: a cache in front of the authority. Tokens are kept as
 * SHA-256. What is no longer fresh is asked again; while nobody answers, a known token keeps its
 * last tier and an unknown one is anonymous.
 */
import { hash } from 'node:crypto'
import { scatteredMs } from '@quits/kit/backoff'
import { makeBoundedCache } from '@quits/kit/bounded-cache'
import type { IdentifiedToken } from '@quits/proto/grpc'
import type { Authority } from './authority.ts'
import type { Keys } from './keys.ts'
import type { Tier } from './policy.ts'
import { anonymous, type Caller } from './subject.ts'

/** At most: tokens that were first seen together are not asked for together for ever. */
const freshMsMax = 60_000
/** While invalidations may be missed, the cache lives as long as it may be wrong. */
const freshBlindMs = 5_000
/** From joining the topic to having read its end; what was cached before then lives shortly. */
const settleMs = 2_000
const refusedMs = 5_000
/** Longer than an answer can be in flight, and as long as another replica's cache lives. */
const revokedMs = 60_000
const knownMax = 50_000
/** Junk has a cache of its own, so that a flood of it cannot push out known callers. */
const refusedMax = 20_000
const recentMax = 50_000

interface Known {
  tier: Tier
  userId: string
  sessionId: string
  /** When the question left: an invalidation after that instant makes the answer stale. */
  askedAtMs: number
  freshForMs: number
}

export type Identity = ReturnType<typeof makeIdentity>

/** `liveSinceMs` tells since when invalidations arrive; `now` is in Unix milliseconds, `random` from 0 to 1. */
export const makeIdentity = (options: {
  keys: Pick<Keys, 'prove'>
  authority: Pick<Authority, 'identify'>
  liveSinceMs: () => number | undefined
  now: () => number
  random: () => number
}) => {
  const { now } = options
  const known = makeBoundedCache<Known>({ entriesMax: knownMax, now })
  const refused = makeBoundedCache<true>({ entriesMax: refusedMax, now })
  const revokedSessions = makeBoundedCache<true>({ entriesMax: recentMax, now })
  const deletedUsers = makeBoundedCache<true>({ entriesMax: recentMax, now })
  const changedUsers = makeBoundedCache<number>({ entriesMax: recentMax, now })
  const inFlight = new Map<string, Promise<Caller>>()

  const isFresh = (entry: Known): boolean => {
    const liveSinceMs = options.liveSinceMs()
    const heard = liveSinceMs !== undefined && entry.askedAtMs >= liveSinceMs + settleMs
    return now() - entry.askedAtMs < (heard ? entry.freshForMs : freshBlindMs)
  }

  const isGone = (about: { sessionId: string; userId: string }): boolean =>
    revokedSessions.get(about.sessionId) === true || deletedUsers.get(about.userId) === true

  const refuse = (key: string): Caller => {
    known.delete(key)
    refused.set(key, true, refusedMs)
    return anonymous
  }

  const keep = (key: string, identified: IdentifiedToken, askedAtMs: number): Caller => {
    const { userId, sessionId } = identified
    if (!identified.known || isGone(identified)) return refuse(key)
    const tier = tierOf(identified)
    const changedAtMs = changedUsers.get(userId)
    if (changedAtMs === undefined || changedAtMs < askedAtMs) {
      const freshForMs = scatteredMs(freshMsMax, options.random())
      const entry = { tier, userId, sessionId, askedAtMs, freshForMs }
      known.set(key, entry, lifeMs(identified, now()))
    }
    return { tier, userId, degraded: false }
  }

  const lookUp = async (key: string, token: string): Promise<Caller> => {
    // A token that is in the cache has proved its signature before and leaves it at its expiry.
    if (known.get(key) === undefined) {
      const proof = await options.keys.prove(token)
      if (proof.kind === 'junk') return refuse(key)
      if (proof.kind === 'unknown') return anonymous
      if (proof.kind === 'blind') return { ...anonymous, degraded: true }
      if (isGone(proof)) return refuse(key)
    }
    const askedAtMs = now()
    try {
      return keep(key, await options.authority.identify(token), askedAtMs)
    } catch {
      const last = known.get(key)
      if (last === undefined) return { ...anonymous, degraded: true }
      return { tier: last.tier, userId: last.userId, degraded: true }
    }
  }

  return {
    /** Never rejects. An empty, junk, expired or revoked token is an anonymous caller. */
    async who(token: string): Promise<Caller> {
      if (token === '') return anonymous
      const key = hash('sha256', token, 'base64url')
      const entry = known.get(key)
      if (entry !== undefined && isFresh(entry)) {
        return { tier: entry.tier, userId: entry.userId, degraded: false }
      }
      if (refused.get(key) === true) return anonymous
      const asked = inFlight.get(key)
      if (asked !== undefined) return asked
      const asking = lookUp(key, token).finally(() => inFlight.delete(key))
      inFlight.set(key, asking)
      return asking
    },
    sessionRevoked(sessionId: string): void {
      revokedSessions.set(sessionId, true, revokedMs)
      known.deleteWhere((entry) => entry.sessionId === sessionId)
    },
    userChanged(userId: string): void {
      changedUsers.set(userId, now(), revokedMs)
      known.deleteWhere((entry) => entry.userId === userId)
    },
    userDeleted(userId: string): void {
      deletedUsers.set(userId, true, revokedMs)
      known.deleteWhere((entry) => entry.userId === userId)
    },
  }
}

const tierOf = ({ role, activated }: IdentifiedToken): Tier => {
  if (role === 'service') return 'service'
  return activated ? 'activated' : 'unactivated'
}

const lifeMs = ({ expiresAtMs }: IdentifiedToken, nowMs: number): number =>
  Math.max(0, Number(expiresAtMs) - nowMs)
