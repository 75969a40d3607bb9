/** Sessions that ended lately: an answer that was under way when one ended can't revive it. */
import { makeBoundedCache } from '@quits/kit/bounded-cache'

/** Longer than a ticket lives and than an identity is cached. */
const rememberMs = 60_000
const sessionsMax = 100_000

export type EndedSessions = ReturnType<typeof makeEndedSessions>

export const makeEndedSessions = (now: () => number) => {
  const ended = makeBoundedCache<true>({ entriesMax: sessionsMax, now })
  return {
    add: (sessionId: string) => ended.set(sessionId, true, rememberMs),
    has: (sessionId: string) => ended.get(sessionId) === true,
  }
}
