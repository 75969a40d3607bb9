/** What the topic `quits.users` tells. Ids only: nothing in it needs erasing. */
import type { OutboxEvent } from '../outbox/event.ts'

/** The one place that knows the envelope; `id` is new for each event, `at` is when it happened. */
interface Envelope {
  id: string
  at: Date
}

const source = 'quits/expenses'

type Told =
  | { type: 'user.registered.v1' | 'user.activated.v1'; userId: string }
  | { type: 'session.started.v1' | 'session.revoked.v1'; userId: string; sessionId: string }

export const userEventOf = (told: Told, envelope: Envelope): OutboxEvent => {
  const { type, ...data } = told
  const event = {
    specversion: '1.0' as const,
    id: envelope.id,
    source,
    type,
    subject: data.userId,
    time: envelope.at.toISOString(),
    datacontenttype: 'application/json' as const,
    data,
  }
  return { topic: 'users', key: data.userId, event }
}
