/** A debt begins: what its two people are to each other, and whether it counts at once. Pure. */
import {
  append,
  type Book,
  type Change,
  type Draft,
  emptyBook,
  type Participant,
} from '../../transactions/book.ts'
import type { Entry } from '../../transactions/entry.ts'
import type { Words } from '../../transactions/journal.ts'
import { accountOf, joined, postingsOf, type Request, type Role } from '../rules.ts'

export interface Opening {
  bookId: string
  /** The owner's role; the owner is who writes the debt down. */
  role: Role
  counterparty: { userId: string | undefined; name: string; seat: 'asked' | 'absent' }
  currency: string
  amountMinor: bigint
  occurredOn: string
  words: Words
}

/** A debt before its first row. */
export const emptyDebt = (debt: {
  id: string
  currency: string
  status: string
  createdAt: string
  participants: Participant[]
}): Book =>
  emptyBook({
    ...debt,
    kind: 'debt',
    participants: debt.participants.toSorted((a, b) => a.no - b.no),
    accounts: [1, 2].map((no) => ({ no, kind: 'position', participant: no })),
  })

export const otherRole = (role: Role): Role => (role === 'lender' ? 'borrower' : 'lender')

/**
 * A new debt. What the lender says of somebody who can answer is only proposed until they accept;
 * what the borrower says, or what only the owner sees, counts at once.
 */
export const openDebt = (opening: Opening, request: Request, now: string): Change => {
  const owner: Participant = {
    no: accountOf[opening.role],
    role: opening.role,
    userId: request.callerId,
    name: undefined,
    seat: 'joined',
  }
  const role = otherRole(opening.role)
  const other: Participant = { no: accountOf[role], role, ...opening.counterparty }
  const waits = opening.role === 'lender' && other.seat === 'asked'
  const empty = emptyDebt({
    id: opening.bookId,
    currency: opening.currency,
    status: waits ? 'proposed' : 'open',
    createdAt: now,
    participants: [owner, other],
  })
  const draft: Draft = {
    kind: 'advance',
    status: waits ? 'pending' : 'posted',
    enteredBy: request.callerId,
    occurredOn: opening.occurredOn,
    amountMinor: opening.amountMinor,
    postings: postingsOf('advance', opening.amountMinor),
    key: request.key,
    requestHash: request.hash,
    words: opening.words,
  }
  const appended = append(empty, [draft], now)
  return { before: undefined, after: appended.at(-1)?.book ?? empty, appended }
}

/** Takes the seat in a debt that counts already, because the borrower wrote it down. */
export const join = (book: Book, opening: Entry, request: Request, now: string): Change => {
  const draft: Draft = {
    kind: 'joined',
    status: 'posted',
    enteredBy: request.callerId,
    occurredOn: opening.row.occurredOn,
    amountMinor: 0n,
    postings: [],
    key: request.key,
    requestHash: request.hash,
  }
  const appended = append(joined(book, request.callerId), [draft], now)
  return { before: book, after: appended.at(-1)?.book ?? book, appended }
}
