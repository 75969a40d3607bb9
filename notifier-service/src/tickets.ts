/** Tickets for opening a feed: single use, 30 seconds, kept in Redis only as a digest. */
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
  const keyOf = (ticket: string) =>
    `${prefix}:feed:ticket:${createHash('sha256').update(ticket).digest('base64url')}`
  return {
    async issue(holder: Pass): Promise<string> {
      const ticket = randomBytes(ticketBytes).toString('base64url')
      await redis.set(keyOf(ticket), JSON.stringify(holder), 'EX', ticketSeconds)
      return ticket
    },
    /** The pass, once: reading and deleting are one command, so two sockets can't share it. */
    async redeem(ticket: string): Promise<Pass | undefined> {
      const text = await redis.getdel(keyOf(ticket))
      if (text === null) return undefined
      const result = pass.safeParse(JSON.parse(text))
      return result.success ? result.data : undefined
    },
  }
}
