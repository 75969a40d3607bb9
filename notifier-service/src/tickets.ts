/**
 * Tickets for opening a feed: single use, 30 seconds, kept in Redis only as a digest. Beside them
 * stands who holds which, as long as the last of them lives, so that a person who goes takes
 * theirs along.
 */
import { createHash, randomBytes } from 'node:crypto'
import type { Redis } from 'ioredis'
import { z } from 'zod'

/** Who may open a socket with a ticket, and until when that socket may live. */
const pass = z.object({
  userId: z.uuid(),
  sessionId: z.string(),
  /** Unix milliseconds: the end of the access token that asked. */
  expiresAtMs: z.number(),
})
export type Pass = z.infer<typeof pass>

export const ticketSeconds = 30
const ticketBytes = 24

export type Tickets = ReturnType<typeof makeTickets>

export const makeTickets = (redis: Redis, prefix: string) => {
  const digestOf = (ticket: string) => createHash('sha256').update(ticket).digest('base64url')
  const keyOf = (digest: string) => `${prefix}:feed:ticket:${digest}`
  const holderKeyOf = (userId: string) => `${prefix}:feed:tickets-of:${userId}`
  return {
    async issue(holder: Pass): Promise<string> {
      const ticket = randomBytes(ticketBytes).toString('base64url')
      const digest = digestOf(ticket)
      const held = holderKeyOf(holder.userId)
      // One round trip; the note comes first, so that no ticket lives without it.
      const answers = await redis
        .pipeline()
        .sadd(held, digest)
        .expire(held, ticketSeconds)
        .set(keyOf(digest), JSON.stringify(holder), 'EX', ticketSeconds)
        .exec()
      const [failure] = answers?.flatMap(([error]) => (error === null ? [] : [error])) ?? []
      if (failure !== undefined) throw failure
      return ticket
    },
    /** The pass, once: reading and deleting are one command, so two sockets can't share it. */
    async redeem(ticket: string): Promise<Pass | undefined> {
      const text = await redis.getdel(keyOf(digestOf(ticket)))
      if (text === null) return undefined
      const result = pass.safeParse(JSON.parse(text))
      return result.success ? result.data : undefined
    },
    /** Ends every ticket of a person that was not used yet. */
    async revoke(userId: string): Promise<void> {
      const held = holderKeyOf(userId)
      const digests = await redis.smembers(held)
      await Promise.all([...digests.map(keyOf), held].map((key) => redis.del(key)))
    },
  }
}
