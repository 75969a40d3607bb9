/** Events of topic `quits.users` (key: user id). */
import { z } from 'zod'
import { cloudEvent, parseEvent } from './cloud-event.ts'

const aboutUser = z.object({ userId: z.uuid() })
const aboutSession = z.object({ userId: z.uuid(), sessionId: z.uuid() })

const named = <T extends string, D extends z.ZodType>(type: T, data: D) =>
  cloudEvent(data).extend({ type: z.literal(type) })

export const userEvent = z.discriminatedUnion('type', [
  named('user.registered.v1', aboutUser),
  named('user.activated.v1', aboutUser),
  named('user.deleted.v1', aboutUser),
  named('session.started.v1', aboutSession),
  named('session.revoked.v1', aboutSession),
])
export type UserEvent = z.infer<typeof userEvent>

/** A record of `quits.users`, or why it is poison. */
export const parseUserEvent = (text: string) => parseEvent(text, userEvent)
