/**
 * Sessions and users that ended lately: an answer that was under way when one ended can't revive
 * it.
 */
import { makeBoundedCache } from '@quits/kit/bounded-cache'
import type { Pass } from './tickets.ts'

/** Longer than a ticket lives and than an identity is cached. */
const rememberMs = 60_000
const endedMax = 100_000

export type EndedSessions = ReturnType<typeof makeEndedSessions>

export const makeEndedSessions = (now: () => number) => {
  const ended = makeBoundedCache<true>({ entriesMax: endedMax, now })
  return {
    /** `id` is a session's or a user's; both are random, so they can't be mistaken. */
    add: (id: string) => ended.set(id, true, rememberMs),
    /** Whether what this pass stands for has ended. */
    has: ({ userId, sessionId }: Pick<Pass, 'userId' | 'sessionId'>) =>
      ended.get(sessionId) === true || ended.get(userId) === true,
  }
}
