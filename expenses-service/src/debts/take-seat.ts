/** The rule of a free seat: who may invite to it, and what happens when somebody takes it. Pure. */
import { ledgerError } from '../errors.ts'
import type { Book, Change, Participant } from '../transactions/book.ts'
import type { Entry } from '../transactions/entry.ts'
import { type Request, seatOf } from './rules.ts'
import { acceptOpening } from './rules/answering.ts'
import { join } from './rules/opening.ts'

/** The place in the journal that the newcomer has read and agrees to. */
export interface Place {
  seq: number
  hash: string
}

const isOver = ({ status }: Book) => status === 'declined' || status === 'withdrawn'

/** The seat that nobody has agreed to yet, or undefined: then there is nothing to invite to. */
export const freeSeat = (book: Book): Participant | undefined =>
  isOver(book) ? undefined : book.participants.find(({ seat }) => seat !== 'joined')

/** Refuses an invitation by who is not in the debt, or to a seat that is not free. */
export const assertMayInvite = (book: Book, callerId: string): void => {
  const [, mine] = seatOf(book, callerId)
  if (mine.seat !== 'joined') throw ledgerError('accept_first')
  if (freeSeat(book) === undefined) throw ledgerError('seat_taken')
}

/**
 * Gives the free seat to the caller. Whoever was asked to it and never agreed loses it, in the same
 * way whether or not their address belongs to an account. What was only proposed counts from now on;
 * what counted already for its owner alone is theirs together.
 */
export const takeSeat = (
  book: Book | undefined,
  opening: Entry | undefined,
  place: Place,
  request: Request,
  now: string,
): Change => {
  if (book === undefined || opening === undefined) throw ledgerError('not_found')
  const mine = book.participants.find(({ userId }) => userId === request.callerId)
  if (mine?.seat === 'joined') throw ledgerError('debt_with_yourself')
  const free = freeSeat(book)
  if (free === undefined) throw ledgerError('seat_taken')
  const hash = book.lastHash
  if (place.seq !== book.lastSeq || place.hash !== hash) {
    throw ledgerError('version_conflict', {
      members: { version: book.version, seq: book.lastSeq, hash },
    })
  }
  const participants = book.participants.map(
    (one): Participant =>
      one.no === free.no ? { ...one, userId: request.callerId, seat: 'asked' } : one,
  )
  const seated = { ...book, participants }
  const change =
    book.status === 'proposed'
      ? acceptOpening(seated, opening, request, now)
      : join(seated, opening, request, now)
  return { ...change, before: book }
}
