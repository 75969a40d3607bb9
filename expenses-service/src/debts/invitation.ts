/**
 * An invitation: a secret link that shows one debt and gives its free seat to whoever accepts. Only
 * the token's hash is stored; the token follows from the request's key, so that a repetition of the
 * request shows the same link again.
 */
import { createHash, createHmac } from 'node:crypto'

export type InvitationState = 'open' | 'accepted' | 'declined' | 'revoked' | 'expired'

export interface Invitation {
  id: string
  bookId: string
  invitedBy: string
  requestHash: string
  /** Where it was mailed, if it was. */
  address: string | undefined
  answer: 'accepted' | 'declined' | undefined
  answeredBy: string | undefined
  revoked: boolean
  expired: boolean
  createdAt: string
  expiresAt: string
}

/** 43 characters of base64url. `key` is derived from the installation's secret for this alone. */
export const invitationToken = (
  key: Buffer,
  asked: { bookId: string; userId: string; key: string },
): string =>
  createHmac('sha256', key)
    .update(JSON.stringify([asked.bookId, asked.userId, asked.key]))
    .digest('base64url')

/** What is stored of a token; undefined for a text that is no token. */
export const invitationHash = (token: string): Buffer | undefined =>
  /^[\w-]{43}$/.test(token) ? createHash('sha256').update(token).digest() : undefined

/** An answer outlives the rest: what was accepted can no longer expire or be revoked. */
export const stateOf = (
  invitation: Pick<Invitation, 'answer' | 'revoked' | 'expired'>,
): InvitationState => {
  if (invitation.answer !== undefined) return invitation.answer
  if (invitation.revoked) return 'revoked'
  return invitation.expired ? 'expired' : 'open'
}

/** The page of the web app that shows the debt. */
export const invitationLink = (origin: string, token: string): string =>
  `${origin}/invitations/${token}`
