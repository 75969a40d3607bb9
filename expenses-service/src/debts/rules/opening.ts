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
import { acceptanceDraft } from './bundle.ts'

export interface Opening {
  bookId: string
  /** The owner's role; the owner is who writes the debt down. */
  role: Role
  counterparty: { userId: string | undefined; name: string; seat: 'asked' | 'absent' }
  currency: string
  amountMinor: bigint
  occurredOn: string
  words: Words
  /** The bundle of the opening and its acceptance, where the other one agreed beforehand. */
  consentedIn?: string | undefined
}

/** A debt before its first row. */
export const emptyDebt = (debt: {
  id: string
  currency: string
  status: string
  createdAt: string
  participants: Participant[]
}): Book =>
  emptyBook(
    {
      ...debt,
      kind: 'debt',
      participants: debt.participants.toSorted((a, b) => a.no - b.no),
    },
    Object.keys(accountOf).length,
  )

export const otherRole = (role: Role): Role => (role === 'lender' ? 'borrower' : 'lender')

/**
 * A new debt. What the lender says of somebody who can answer is only proposed until they accept, at
 * once if they agreed beforehand; what the borrower says, or what only the owner sees, counts at once.
 */
export const openDebt = (opening: Opening, request: Request, now: string): Change => {
  const { counterparty, occurredOn, amountMinor } = opening
  const waits = opening.role === 'lender' && counterparty.seat === 'asked'
  const bundle = waits && counterparty.userId !== undefined ? opening.consentedIn : undefined
  const empty = emptyDebt({
    id: opening.bookId,
    currency: opening.currency,
    status: waits && bundle === undefined ? 'proposed' : 'open',
    createdAt: now,
    participants: seatsOf(opening, request.callerId, bundle !== undefined),
  })
  const together = bundle === undefined ? {} : { bundle }
  const postings = postingsOf('advance', amountMinor)
  const draft: Draft = {
    ...together,
    kind: 'advance',
    status: waits ? 'pending' : 'posted',
    enteredBy: request.callerId,
    occurredOn,
    amountMinor,
    postings,
    key: request.key,
    requestHash: request.hash,
    words: opening.words,
  }
  const consentedBy = bundle === undefined ? undefined : counterparty.userId
  const accepted = { occurredOn, amountMinor, postings, seq: 1 }
  const acceptances =
    consentedBy === undefined ? [] : [{ ...acceptanceDraft(accepted, consentedBy), ...together }]
  const appended = append(empty, [draft, ...acceptances], now)
  return { before: undefined, after: appended.at(-1)?.book ?? empty, appended }
}

const seatsOf = (
  { role, counterparty }: Opening,
  ownerId: string,
  agreed: boolean,
): Participant[] => {
  const othersRole = otherRole(role)
  const seat = agreed ? 'joined' : counterparty.seat
  return [
    { no: accountOf[role], role, userId: ownerId, name: undefined, seat: 'joined' },
    { ...counterparty, no: accountOf[othersRole], role: othersRole, seat },
  ]
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
