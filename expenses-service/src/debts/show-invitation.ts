/** Use case: show a debt, read-only, to whoever holds an invitation to it. No account is needed. */
import type { Pool } from '@quits/kit/postgres'
import { asMoney } from '../amount.ts'
import { makeCursor } from '../cursor.ts'
import { ledgerError } from '../errors.ts'
import { balanceOf } from '../transactions/book.ts'
import { viewEntry } from '../transactions/entry.ts'
import { entriesOf } from '../transactions/entry-store.ts'
import { debtOf } from './debt-store.ts'
import { invitationHash, stateOf } from './invitation.ts'
import { invitationOfToken } from './invitation-store.ts'
import { freeSeat } from './take-seat.ts'

const nobody = ''

export type Shown = Awaited<ReturnType<ReturnType<typeof makeShowInvitation>>>

/** Unknown, used, revoked and expired are the same 404: a spent link shows nothing any more. */
export const makeShowInvitation =
  (pool: Pool) => async (token: string, page: { beforeSeq: number; limit: number }) => {
    const hash = invitationHash(token)
    const invitation = hash === undefined ? undefined : await invitationOfToken(pool, hash)
    if (invitation === undefined || stateOf(invitation) !== 'open') throw ledgerError('not_found')
    const debt = await debtOf(pool, invitation.invitedBy, invitation.bookId)
    const seat = debt === undefined ? undefined : freeSeat(debt.book)
    if (debt === undefined || seat === undefined) throw ledgerError('not_found')
    const { book } = debt
    const entries = await entriesOf(pool, { ...page, bookId: book.id, limit: page.limit + 1 })
    const items = entries.slice(0, page.limit).map((entry) => {
      const { enteredBy, ...shown } = viewEntry(entry, book.participants, nobody)
      return { ...shown, by: enteredBy === invitation.invitedBy ? 'inviter' : null }
    })
    const last = items.at(-1)
    const more = entries.length > page.limit && last !== undefined
    const [account] = book.accounts
    return {
      inviter: { name: debt.names.get(invitation.invitedBy) ?? '' },
      seat: { role: seat.role, name: seat.name ?? '' },
      status: book.status,
      balance: asMoney(balanceOf(book), book.currency),
      pending: {
        in: asMoney(account?.pendingInMinor ?? 0n, book.currency),
        out: asMoney(account?.pendingOutMinor ?? 0n, book.currency),
      },
      description: debt.description,
      dueOn: debt.dueOn ?? null,
      createdAt: book.createdAt,
      expiresAt: invitation.expiresAt,
      seq: book.lastSeq,
      hash: book.lastHash,
      items,
      next: more ? makeCursor(String(last.seq)) : null,
    }
  }
