import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { invitationHash, invitationToken, stateOf } from './invitation.ts'

const secret = randomBytes(32)
const asked = { bookId: 'book', userId: 'ana', key: 'k1' }

test('the same request has the same token, any other another', () => {
  const token = invitationToken(secret, asked)
  expect(invitationToken(secret, { ...asked })).toBe(token)
  const others = [
    invitationToken(randomBytes(32), asked),
    invitationToken(secret, { ...asked, key: 'k2' }),
    invitationToken(secret, { ...asked, userId: 'bo' }),
    invitationToken(secret, { ...asked, bookId: 'other' }),
    // Parts that run together would give away another person's token.
    invitationToken(secret, { ...asked, userId: 'an', key: 'ak1' }),
  ]
  expect(new Set([token, ...others]).size).toBe(6)
})

test('what is stored of a token is its hash, and what is no token has none', () => {
  const token = invitationToken(secret, asked)
  expect(invitationHash(token)?.length).toBe(32)
  expect(invitationHash(token)?.toString('base64url')).not.toBe(token)
  for (const text of ['', 'x', `${token}=`, `${token.slice(1)} `]) {
    expect(invitationHash(text)).toBeUndefined()
  }
})

test.each([
  [{ answer: undefined, revoked: false, expired: false }, 'open'],
  [{ answer: undefined, revoked: true, expired: false }, 'revoked'],
  [{ answer: undefined, revoked: true, expired: true }, 'revoked'],
  [{ answer: undefined, revoked: false, expired: true }, 'expired'],
  [{ answer: 'accepted' as const, revoked: false, expired: true }, 'accepted'],
  [{ answer: 'declined' as const, revoked: false, expired: true }, 'declined'],
])('%o is %s', (invitation, state) => {
  expect(stateOf(invitation)).toBe(state)
})
