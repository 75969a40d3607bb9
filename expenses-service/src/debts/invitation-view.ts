/** An invitation as its author reads it. */
import { type Invitation, stateOf } from './invitation.ts'
import type { InvitationView } from './invitation-shapes.ts'

/** Without the token, which nobody stored. */
export const viewInvitation = (invitation: Invitation): InvitationView => ({
  id: invitation.id,
  debtId: invitation.bookId,
  state: stateOf(invitation),
  mailedTo: invitation.address ?? null,
  createdAt: invitation.createdAt,
  expiresAt: invitation.expiresAt,
})
