/**
 * Jobs on RabbitMQ: orders to send one message to one person. Names and addresses are put in by
 * expenses, so that the mailer asks nobody; secrets (the code) travel encrypted in `sealed`.
 */
import { z } from 'zod'

/** What `sealed` holds once opened: for the template `code`, the eight digits. */
export const sealedSecrets = z.object({ code: z.string().regex(/^\d{8}$/) })
export type SealedSecrets = z.infer<typeof sealedSecrets>

const mailFields = {
  id: z.uuid(),
  channel: z.literal('mail'),
  locale: z.string().min(2).max(35),
  to: z.object({ address: z.email().max(254), name: z.string().max(100) }),
  /** RFC 3339 UTC. A job is never sent after it. */
  expiresAt: z.iso.datetime(),
}

export const mailJob = z.discriminatedUnion('template', [
  z.object({ ...mailFields, template: z.literal('code'), sealed: z.string() }),
  z.object({ ...mailFields, template: z.literal('account-exists') }),
])
export type MailJob = z.infer<typeof mailJob>

/** Fixed delays of the retry queues, in seconds (design, Events and jobs). */
export const retryDelaysSeconds = [1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 377, 600] as const

/** AMQP names; the prefix lets several environments share a broker. */
export const jobTopology = (prefix: string) => ({
  exchange: `${prefix}.messages`,
  mailRoutingKey: 'mail.send',
  mailQueue: `${prefix}.mail.send`,
  mailRetryQueue: (seconds: number) => `${prefix}.mail.retry.${seconds}`,
  mailDeadQueue: `${prefix}.mail.dead`,
})
