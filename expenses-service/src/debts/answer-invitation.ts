/** Use case: take the seat that an invitation offers, or say no to it. */
import { type Connection, inTransaction, type Pool } from '@quits/kit/postgres'
import { ledgerError } from '../errors.ts'
import { limits } from '../limits.ts'
import { addEvents } from '../outbox/store.ts'
import { loadBooks, lockBooks } from '../transactions/load.ts'
import { relationOf } from '../transactions/relation-store.ts'
import type { Writer } from '../transactions/writer.ts'
import { guessCategory } from './category.ts'
import { addMembership, countDebts, debtOf } from './debt-store.ts'
import { viewDebt } from './debt.ts'
import { eventsOf } from './events.ts'
import { type Invitation, invitationHash, stateOf } from './invitation.ts'
import type { TakeBody } from './invitation-shapes.ts'
import { answerInvitation, forgetAsked, invitationOfToken } from './invitation-store.ts'
import { type Incoming, requestOf } from './request.ts'
import { invitationDeclinedEvent } from './rowless-events.ts'
import type { DebtView } from './shapes.ts'
import { freeSeat, takeSeat } from './take-seat.ts'

const find = async (reader: Pick<Connection, 'query'>, token: string): Promise<Invitation> => {
  const hash = invitationHash(token)
  const invitation = hash === undefined ? undefined : await invitationOfToken(reader, hash)
  if (invitation === undefined) throw ledgerError('not_found')
  return invitation
}

/** A link that was used says so to whoever comes later; one that ran out names nothing any more. */
const assertOpen = (invitation: Invitation) => {
  if (invitation.answer !== undefined) throw ledgerError('already_answered')
  if (stateOf(invitation) !== 'open') throw ledgerError('not_found')
}

/** Answers with the debt, which is the caller's from now on. */
export const makeAcceptInvitation =
  ({ pool, writer }: { pool: Pool; writer: Writer }) =>
  async (
    token: string,
    incoming: Incoming<TakeBody>,
  ): Promise<{ debt: DebtView; replayed: boolean }> => {
    const { caller, body } = incoming
    const invitation = await find(pool, token)
    const { bookId } = invitation
    const { blocked } = await relationOf(pool, invitation.invitedBy, caller.userId)
    const debtCount = await countDebts(pool, caller.userId)
    const request = requestOf(incoming)
    const { replayed } = await writer.submit({
      caller,
      bookIds: [bookId],
      entries: [{ bookId, seq: 1 }],
      request: { bookId, key: request.key, hash: request.hash },
      decide: (state) => {
        assertOpen(invitation)
        // To somebody whom the inviter blocks, there is no such invitation.
        if (blocked) throw ledgerError('not_found')
        const book = state.book(bookId)
        const opening = state.entry(bookId, 1)
        const change = takeSeat(book, opening, body, request, state.now)
        if (debtCount >= limits.debtsPerUserMax) throw ledgerError('too_many_debts')
        const asked = book === undefined ? undefined : freeSeat(book)?.userId
        const category = guessCategory(opening?.note ?? '')
        const beside = async (connection: Connection) => {
          // It may have been revoked or used between the look-up and this lock.
          const at = await answerInvitation(connection, invitation, 'accepted', caller.userId)
          if (at === undefined) throw ledgerError('not_found')
          await forgetAsked(connection, bookId, asked)
          const debt = { bookId, createdAt: change.after.createdAt }
          await addMembership(connection, caller.userId, debt, category)
        }
        return { changes: [change], events: eventsOf(change), beside, result: undefined }
      },
      replay: () => undefined,
    })
    const debt = await debtOf(pool, caller.userId, bookId)
    if (debt === undefined) throw ledgerError('not_found')
    return { debt: viewDebt(debt, caller.userId), replayed }
  }

/**
 * Spends the link and tells who made it; the debt stays as it is, for its owner and for whoever was
 * asked by another way. Saying no again is no fault.
 */
export const makeDeclineInvitation =
  ({
    pool,
    wakeRelay,
    refuseLate,
  }: {
    pool: Pool
    wakeRelay: () => void
    refuseLate?: () => void
  }) =>
  async (token: string, userId: string): Promise<{ replayed: boolean }> => {
    const invitation = await find(pool, token)
    if (isDeclinedBy(invitation, userId)) return { replayed: true }
    if (invitation.invitedBy === userId) throw ledgerError('debt_with_yourself')
    assertOpen(invitation)
    const replayed = await inTransaction(pool, async (connection) => {
      // The lock first: a debt's events leave in the order in which they were decided.
      await lockBooks(connection, [invitation.bookId])
      const at = await answerInvitation(connection, invitation, 'declined', userId)
      refuseLate?.()
      // The same request may have been quicker to the lock.
      if (at === undefined && isDeclinedBy(await find(connection, token), userId)) return true
      if (at === undefined) throw ledgerError('already_answered')
      await tellInviter(connection, invitation, userId, at)
      return false
    })
    if (!replayed) wakeRelay()
    return { replayed }
  }

const isDeclinedBy = (invitation: Invitation, userId: string): boolean =>
  invitation.answer === 'declined' && invitation.answeredBy === userId

/** Nothing that somebody does reaches a person who blocks them. */
const tellInviter = async (
  connection: Connection,
  invitation: Invitation,
  userId: string,
  at: string,
): Promise<void> => {
  const { invitedBy, bookId } = invitation
  const [book] = await loadBooks(connection, [bookId])
  // The seat may be taken, or the debt over: then there is nothing to say no to.
  if (book === undefined || freeSeat(book) === undefined) throw ledgerError('not_found')
  const { blocked } = await relationOf(connection, invitedBy, userId)
  if (blocked) return
  await addEvents(connection, [invitationDeclinedEvent(book, invitation, userId, at)])
}
