/** What goes into the routes of invitations and what comes out. */
import { money } from '@quits/proto/money'
import { z } from 'zod'
import { debtAnswer, entryAnswer } from './shapes.ts'

export const inviteBody = z.strictObject({
  /** Without one there is only the link, to be handed over by oneself. */
  email: z.email().max(254).optional(),
})
export type InviteBody = z.infer<typeof inviteBody>

export const takeBody = z.strictObject({
  seq: z.int().min(1).max(2_147_483_647),
  hash: z.string().regex(/^[0-9a-f]{64}$/, 'must be a hash in hex'),
})
export type TakeBody = z.infer<typeof takeBody>

export const invitationAnswer = z.strictObject({
  id: z.uuid(),
  debtId: z.uuid(),
  state: z.enum(['open', 'accepted', 'declined', 'revoked', 'expired']),
  mailedTo: z.string().nullable(),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
})
export type InvitationView = z.infer<typeof invitationAnswer>

export const invitedAnswer = invitationAnswer.extend({ token: z.string(), link: z.url() })
export type InvitedView = z.infer<typeof invitedAnswer>

export const invitationsAnswer = z.strictObject({ items: z.array(invitationAnswer) })

/** The debt without an account: names and amounts, and nobody's user id. */
export const shownAnswer = z.strictObject({
  inviter: z.strictObject({ name: z.string() }),
  /** The seat that is offered, and what the inviter calls who is to sit there. */
  seat: z.strictObject({ role: debtAnswer.shape.role, name: z.string() }),
  status: debtAnswer.shape.status,
  balance: money,
  pending: debtAnswer.shape.pending,
  description: z.string(),
  dueOn: z.iso.date().nullable(),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  /** What an acceptance has to name. */
  seq: z.int(),
  hash: z.string(),
  items: z.array(
    entryAnswer.omit({ enteredBy: true }).extend({ by: z.enum(['inviter']).nullable() }),
  ),
  next: z.string().nullable(),
})

export const declinedAnswer = z.strictObject({ state: z.literal('declined') })
