/**
 * The rules of a debt, their common ground: roles, the direction of each kind of entry, who sits where.
 * Pure, like the rooms beside it: `rules/opening.ts` (a debt begins, a seat is taken or refused),
 * `rules/entering.ts`, `rules/undoing.ts`, `rules/paying.ts` (what people want to write),
 * `rules/bundle.ts` (what becomes of it: posted, pending, or refused) and `rules/answering.ts`.
 */
import { asMoney } from '../amount.ts'
import { ledgerError } from '../errors.ts'
import { type Book, balanceOf, type Participant } from '../transactions/book.ts'
import type { Posting } from '../transactions/journal.ts'
import type { RelationOf } from '../transactions/relation.ts'

export type Role = 'lender' | 'borrower'
export type EntryKind = 'advance' | 'repayment' | 'forgiveness'
export type Verdict = 'accepted' | 'declined' | 'withdrawn'

/** The lender's position comes first, so the book's balance is what the borrower owes. */
export const accountOf = { lender: 1, borrower: 2 } as const
const raises = { advance: true, repayment: false, forgiveness: false } as const

/** What a request brings besides its wish. */
export interface Request {
  callerId: string
  key: string
  hash: string
  /** The version that the caller read, if they said so. */
  ifVersion: number | undefined
}

/** What a command's rows have in common. */
export interface Terms {
  request: Request
  /** The turn's instant. */
  now: string
  /** The id that the rows carry if they are decided together. */
  bundle: string
  /** The book whose first new row carries the key; undefined where the key is kept beside the heart. */
  keyIn: string | undefined
  relationOf: RelationOf
}

export const isEntryKind = (kind: string): kind is EntryKind => kind in raises

/** What an entry of this kind moves: up for an advance, down for the others. */
export const postingsOf = (kind: EntryKind, amountMinor: bigint): Posting[] => {
  const { lender, borrower } = accountOf
  return raises[kind]
    ? [{ debit: lender, credit: borrower, amountMinor }]
    : [{ debit: borrower, credit: lender, amountMinor }]
}

export const turnedRound = (postings: Posting[]): Posting[] =>
  postings.map((one) => ({ ...one, debit: one.credit, credit: one.debit }))

/** By how much these postings change the position of a participant. */
export const movedBy = (postings: Posting[], no: number): bigint =>
  postings.reduce((sum, { debit, credit, amountMinor }) => {
    if (debit === no) return sum + amountMinor
    return credit === no ? sum - amountMinor : sum
  }, 0n)

/** Up or down: what these postings do to the debt. */
export const raisedBy = (postings: Posting[]): bigint => movedBy(postings, accountOf.lender)

/** The caller's seat; to anybody else the debt does not exist. */
export const seatOf = (book: Book | undefined, callerId: string): [Book, Participant] => {
  const seat = book?.participants.find(({ userId }) => userId === callerId)
  if (book === undefined || seat === undefined) throw ledgerError('not_found')
  return [book, seat]
}

export const checkVersion = (book: Book, request: Request) => {
  if (request.ifVersion !== undefined && request.ifVersion !== book.version) {
    throw ledgerError('version_conflict', { members: { version: book.version } })
  }
}

/** The book, for somebody in it who wants to write into it now. */
export const writableBook = (found: Book | undefined, request: Request): Book => {
  const [book] = seatOf(found, request.callerId)
  checkVersion(book, request)
  if (book.status !== 'open' && book.status !== 'settled') throw ledgerError('debt_not_open')
  return book
}

/** Acting on a debt takes the seat in it. */
export const joined = (book: Book, callerId: string): Book =>
  book.participants.some(({ userId, seat }) => userId === callerId && seat !== 'joined')
    ? {
        ...book,
        participants: book.participants.map((one) =>
          one.userId === callerId ? { ...one, seat: 'joined' } : one,
        ),
      }
    : book

/** At zero a debt is settled; with the next advance it is open again. */
export const settledOrOpen = (book: Book): Book => ({
  ...book,
  status: balanceOf(book) === 0n ? 'settled' : 'open',
})

/** A debt never turns its sign: what would is refused with what remains. */
export const refuseTurnedSign = (book: Book, raised: bigint) => {
  const remaining = balanceOf(book)
  if (remaining + raised >= 0n) return
  throw ledgerError('overpayment', { members: { remaining: asMoney(remaining, book.currency) } })
}
