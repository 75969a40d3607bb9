/**
 * Events of topic `quits.books` (key: book id). Each journal row makes one event, whose id
 * `<book>:<seq>` names the row, so that it can be made again and is recognised. What is no row has an id
 * with `@`: a change of words (`debt.changed.v1`, `<book>@<version>`) and a no to an invitation
 * (`invitation.declined.v1`, `<book>@<invitation>`). Data carries ids and amounts, never words.
 */
import { z } from 'zod'
import { cloudEvent, parseEvent } from './cloud-event.ts'
import { money } from './money.ts'

/** The row's kind → what the event is called; the opening, the answers to it and what is no row have their own. */
export const bookEventTypes = [
  'debt.proposed.v1',
  'debt.accepted.v1',
  'debt.declined.v1',
  'debt.withdrawn.v1',
  'debt.changed.v1',
  'invitation.declined.v1',
  'transaction.posted.v1',
  'transaction.proposed.v1',
  'transaction.resolved.v1',
] as const
export type BookEventType = (typeof bookEventTypes)[number]

const party = z.object({
  userId: z.uuid(),
  role: z.enum(['lender', 'borrower']),
  /** True until this person accepted: nothing another party reads may carry their user id. */
  concealed: z.boolean(),
})

const bookEventData = z.object({
  bookId: z.uuid(),
  bookKind: z.string(),
  /** The book's version after this event. */
  version: z.int().positive(),
  /** The journal row; absent where the event is of none. */
  seq: z.int().positive().optional(),
  kind: z.string().optional(),
  /** As the row was made; `posted` where consent was given beforehand. */
  status: z.enum(['posted', 'pending']).optional(),
  amount: money.optional(),
  balance: money,
  occurredOn: z.iso.date().optional(),
  resolves: z.int().positive().optional(),
  reverses: z.int().positive().optional(),
  bundle: z.uuid().optional(),
  hash: z.string().optional(),
  /** The entry that this one was written in place of, by a correction; on the row that rings. */
  replaces: z.int().positive().optional(),
  /** What the act did to the debt; on the row that rings. */
  effect: z.enum(['opened', 'closed', 'reopened']).optional(),
  /** True for the further rows of one act in its book: stored, shown, never rung. */
  silent: z.boolean().optional(),
  actorId: z.uuid(),
  parties: z.array(party).max(2),
})
export type BookEventData = z.infer<typeof bookEventData>

export const bookEvent = cloudEvent(bookEventData).extend({ type: z.enum(bookEventTypes) })
export type BookEvent = z.infer<typeof bookEvent>

/** A record of `quits.books`, or why it is poison. */
export const parseBookEvent = (text: string) => parseEvent(text, bookEvent)
