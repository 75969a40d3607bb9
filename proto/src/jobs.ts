/**
 * Jobs on RabbitMQ: orders to send one message to one person. Names and addresses are put in by
 * expenses, so that the mailer asks nobody; secrets (the code) travel encrypted in `sealed`.
 */
import { z } from 'zod'
import { money } from './money.ts'

/** What `sealed` holds once opened: for the template `code`, the eight digits. */
export const sealedSecrets = z.object({ code: z.string().regex(/^\d{8}$/) })
export type SealedSecrets = z.infer<typeof sealedSecrets>

/** For the template `invitation`: the link, which is as good as the seat it gives. */
export const sealedInvitation = z.object({ link: z.url({ protocol: /^https?$/ }).max(500) })

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
  // From somebody the reader may share nothing with: a name and an amount, no other words.
  z.object({
    ...mailFields,
    template: z.literal('invitation'),
    sealed: z.string(),
    inviter: z.string().max(100),
    amount: money,
  }),
])
export type MailJob = z.infer<typeof mailJob>

/** Fixed delays of the retry queues, in seconds (design, Events and jobs). */
export const retryDelaysSeconds = [1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 377, 600] as const

/** AMQP names; the prefix lets several environments share a broker. */
export const jobTopology = (prefix: string) => ({
  exchange: `${prefix}.messages`,
  exchangeType: 'topic' as const,
  mailRoutingKey: 'mail.send',
  mailQueue: `${prefix}.mail.send`,
  mailRetryQueue: (seconds: number) => `${prefix}.mail.retry.${seconds}`,
  mailDeadQueue: `${prefix}.mail.dead`,
})

/** A durable queue with the exact arguments both sides assert, and its keys on the exchange. */
export interface JobQueue {
  queue: string
  arguments: Record<string, string | number>
  bindings: string[]
}

/** Above it the broker refuses, and the job waits where it is: in the outbox, or unacknowledged. */
const queueLengthMax = 500_000
/** A job that brought its consumer down this often is a dead letter. RabbitMQ 4 would say 20. */
const deliveriesMax = 50
/** Dead letters hold addresses, so they do not stay for ever: 14 days. */
const deadLetterMsMax = 14 * 86_400_000

/**
 * Every queue for mail. The first one takes the jobs: a publisher asserts the exchange and it; the
 * mailer asserts all. Quorum queues, so that no job depends on one node; moved by the broker at
 * least once, which needs `reject-publish`. Works on RabbitMQ 3.10 to 4.x.
 *
 * A publisher sends persistent with confirms and `mandatory`, `messageId` the job's id, `timestamp`
 * in seconds, and no `expiration`: the mailer drops and counts what is late, the broker would make
 * a dead letter of it.
 */
export const jobQueues = (prefix: string): [JobQueue, ...JobQueue[]] => {
  const names = jobTopology(prefix)
  const movingTo = (queue: string) => ({
    'x-queue-type': 'quorum',
    'x-dead-letter-exchange': '',
    'x-dead-letter-routing-key': queue,
    'x-dead-letter-strategy': 'at-least-once',
    'x-overflow': 'reject-publish',
    'x-max-length': queueLengthMax,
  })
  return [
    {
      queue: names.mailQueue,
      arguments: { ...movingTo(names.mailDeadQueue), 'x-delivery-limit': deliveriesMax },
      bindings: ['mail.*'],
    },
    {
      queue: names.mailDeadQueue,
      arguments: {
        'x-queue-type': 'quorum',
        'x-message-ttl': deadLetterMsMax,
        'x-max-length': queueLengthMax,
      },
      bindings: [],
    },
    ...retryDelaysSeconds.map((seconds) => ({
      queue: names.mailRetryQueue(seconds),
      arguments: { ...movingTo(names.mailQueue), 'x-message-ttl': seconds * 1_000 },
      bindings: [],
    })),
  ]
}
