/**
 * The rules of a debt: who may enter what, what waits for whose consent, and what an answer does.
 * Pure: a book and a wish in, the book with its new rows out, or the refusal.
 */
import { asMoney } from '../amount.ts'
import { ledgerError } from '../errors.ts'
import {
  type Appended,
  append,
  type Book,
  balanceOf,
  type Draft,
  emptyBook,
  type Participant,
} from '../transactions/book.ts'
import type { Entry } from '../transactions/entry.ts'
import type { Posting, Words } from '../transactions/journal.ts'
import type { Change } from '../transactions/book.ts'

export type Role = 'lender' | 'borrower'
export type EntryKind = 'advance' | 'repayment' | 'forgiveness'
export type Verdict = 'accepted' | 'declined' | 'withdrawn'

/** The lender's position comes first, so the book's balance is what the borrower owes. */
const accountOf = { lender: 1, borrower: 2 } as const
const raises = { advance: true, repayment: false, forgiveness: false } as const

/** Entries of one debt that may wait for an answer at a time. */
const pendingMax = 100
/** Rows that declining a debt nobody joined can undo. */
export const undoableRowsMax = 100

/** What a request brings besides its wish. */
export interface Request {
  callerId: string
  key: string
  hash: Buffer
  /** The version that the caller read, if they said so. */
  ifVersion: number | undefined
}

const postingsOf = (kind: EntryKind, amountMinor: bigint): Posting[] => {
  const { lender, borrower } = accountOf
  return raises[kind]
    ? [{ debit: lender, credit: borrower, amountMinor }]
    : [{ debit: borrower, credit: lender, amountMinor }]
}

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

/** Acting on a debt takes the seat in it. */
const joined = (book: Book, callerId: string): Book =>
  book.participants.some(({ userId, seat }) => userId === callerId && seat !== 'joined')
    ? {
        ...book,
        participants: book.participants.map((one) =>
          one.userId === callerId ? { ...one, seat: 'joined' } : one,
        ),
      }
    : book

/** At zero a debt is settled; with the next advance it is open again. */
const standing = (book: Book): Book => ({
  ...book,
  status: balanceOf(book) === 0n ? 'settled' : 'open',
})

const refuseOverpayment = (book: Book, kind: EntryKind, amountMinor: bigint) => {
  const remaining = balanceOf(book)
  if (raises[kind] || amountMinor <= remaining) return
  throw ledgerError('overpayment', { members: { remaining: asMoney(remaining, book.currency) } })
}

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
  const otherRole: Role = opening.role === 'lender' ? 'borrower' : 'lender'
  const other: Participant = { no: accountOf[otherRole], role: otherRole, ...opening.counterparty }
  const waits = opening.role === 'lender' && other.seat === 'asked'
  const empty = emptyBook({
    id: opening.bookId,
    kind: 'debt',
    currency: opening.currency,
    status: waits ? 'proposed' : 'open',
    createdAt: now,
    participants: [owner, other].sort((a, b) => a.no - b.no),
    accounts: [1, 2].map((no) => ({ no, kind: 'position', participant: no })),
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
  const appended = append(empty, draft, now)
  return { before: undefined, after: appended.book, appended: [appended] }
}

export interface Wish {
  kind: EntryKind
  currency: string
  amountMinor: bigint
  occurredOn: string
  words: Words | undefined
}

/** An entry posts at once when it worsens nobody's position but that of who enters it. */
const postsAtOnce = (book: Book, role: string, kind: EntryKind): boolean =>
  book.participants.some(({ seat }) => seat === 'absent') ||
  (raises[kind] ? role === 'borrower' : role === 'lender')

/** Enters an advance, a repayment or a forgiveness. */
export const enter = (
  found: Book | undefined,
  wish: Wish,
  request: Request,
  now: string,
): Change => {
  const [book, seat] = seatOf(found, request.callerId)
  checkVersion(book, request)
  if (book.status !== 'open' && book.status !== 'settled') throw ledgerError('debt_not_open')
  if (wish.currency !== book.currency) throw ledgerError('currency_mismatch')
  refuseOverpayment(book, wish.kind, wish.amountMinor)
  const posts = postsAtOnce(book, seat.role, wish.kind)
  if (!posts && book.pendingCount >= pendingMax) throw ledgerError('too_many_pending')
  const draft: Draft = {
    kind: wish.kind,
    status: posts ? 'posted' : 'pending',
    enteredBy: request.callerId,
    occurredOn: wish.occurredOn,
    amountMinor: wish.amountMinor,
    postings: postingsOf(wish.kind, wish.amountMinor),
    key: request.key,
    requestHash: request.hash,
    ...(wish.words === undefined ? {} : { words: wish.words }),
  }
  const appended = append(joined(book, request.callerId), draft, now)
  return {
    before: book,
    after: posts ? standing(appended.book) : appended.book,
    appended: [appended],
  }
}

/** Answers a pending entry. Who entered it withdraws it; the other one accepts or declines. */
export const answer = (
  found: Book | undefined,
  entry: Entry | undefined,
  verdict: { kind: Verdict; words: Words | undefined },
  request: Request,
  now: string,
): Change => {
  const [book] = seatOf(found, request.callerId)
  if (entry === undefined) throw ledgerError('not_found')
  checkVersion(book, request)
  const { row } = entry
  if (row.status !== 'pending' || entry.answer !== undefined) throw ledgerError('already_answered')
  const mine = row.enteredBy === request.callerId
  if (mine !== (verdict.kind === 'withdrawn')) throw ledgerError('not_yours_to_answer')
  const kind = row.kind as EntryKind
  const accepted = verdict.kind === 'accepted'
  if (accepted) refuseOverpayment(book, kind, row.amountMinor)
  const intent = postingsOf(kind, row.amountMinor)
  const draft: Draft = {
    kind: verdict.kind,
    status: 'posted',
    enteredBy: request.callerId,
    occurredOn: row.occurredOn,
    amountMinor: row.amountMinor,
    postings: accepted ? intent : [],
    releases: intent,
    resolves: row.seq,
    key: request.key,
    requestHash: request.hash,
    ...(verdict.words === undefined ? {} : { words: verdict.words }),
  }
  const seated = accepted ? joined(book, request.callerId) : book
  const appended = append(seated, draft, now)
  return { before: book, after: afterAnswer(appended, row.seq, verdict.kind), appended: [appended] }
}

const afterAnswer = ({ book }: Appended, answeredSeq: number, verdict: Verdict): Book => {
  if (verdict === 'accepted') return standing(book)
  return answeredSeq === 1 ? { ...book, status: verdict } : book
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
  const appended = append(joined(book, request.callerId), draft, now)
  return { before: book, after: appended.book, appended: [appended] }
}

/**
 * The lender says no to a debt that the borrower wrote down: every entry is undone, what waits is
 * declined, and the opening is answered. All in one bundle.
 */
export const refuseSeat = (
  book: Book,
  entries: Entry[],
  verdict: { bundle: string; words: Words | undefined },
  request: Request,
  now: string,
): Change => {
  const opening = entries.find(({ row }) => row.seq === 1)
  if (opening === undefined || entries.length !== book.lastSeq) throw ledgerError('debt_not_open')
  const common = { enteredBy: request.callerId, bundle: verdict.bundle, status: 'posted' as const }
  const undoing = entries.flatMap((entry): Draft[] => {
    const { row } = entry
    const { seq, occurredOn, amountMinor } = row
    if (!(row.kind in raises) || entry.undoneBy !== undefined) return []
    const intent = postingsOf(row.kind as EntryKind, amountMinor)
    const shared = { ...common, occurredOn, amountMinor }
    if (row.status === 'posted') {
      const postings = intent.map((one) => ({ ...one, debit: one.credit, credit: one.debit }))
      return [{ ...shared, kind: 'reversal', postings, reverses: seq }]
    }
    if (entry.answer !== undefined) return []
    return [{ ...shared, kind: 'declined', postings: [], releases: intent, resolves: seq }]
  })
  const { occurredOn, amountMinor } = opening.row
  const last: Draft = {
    ...common,
    occurredOn,
    amountMinor,
    kind: 'declined',
    postings: [],
    resolves: 1,
    ...(verdict.words === undefined ? {} : { words: verdict.words }),
  }
  return bundled(book, [...undoing, last], request, now)
}

/** Appends the drafts of one command; its key sits on the first row. */
const bundled = (book: Book, drafts: Draft[], request: Request, now: string): Change => {
  const appended: Appended[] = []
  let after = book
  for (const [index, draft] of drafts.entries()) {
    const keyed = index === 0 ? { ...draft, key: request.key, requestHash: request.hash } : draft
    const next = append(after, keyed, now)
    appended.push(next)
    after = next.book
  }
  return { before: book, after: { ...after, status: 'declined' }, appended }
}
