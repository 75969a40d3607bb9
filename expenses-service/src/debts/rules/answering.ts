/**
 * The answer to what waits: the other one accepts or declines it, its author withdraws it. Entries that
 * were made together are answered together. Pure.
 */
import { ledgerError } from '../../errors.ts'
import { append, type Book, type Change, type Draft } from '../../transactions/book.ts'
import type { Entry } from '../../transactions/entry.ts'
import type { Posting, Words } from '../../transactions/journal.ts'
import {
  checkVersion,
  isEntryKind,
  joined,
  raisedBy,
  refuseTurnedSign,
  seatOf,
  settledOrOpen,
  type Terms,
  turnedRound,
  type Verdict,
} from '../rules.ts'
import { acceptanceDraft, keyed, raisingFirst } from './bundle.ts'
import { intentOf, refuseUndone } from './undoing.ts'

/** An entry with the one it undoes, if it is a reversal. */
export interface Waiting {
  entry: Entry
  target: Entry | undefined
}

export interface Answer {
  kind: Verdict
  words: Words | undefined
}

/** `keyIn` is the book of the entry that the caller named. */
type AnswerTerms = Omit<Terms, 'relationOf' | 'keyIn'> & { keyIn: string }

interface Asked extends Waiting {
  postings: Posting[]
}

/**
 * Answers the entry `asked` of book `keyIn` and those that were made together with it; `together` holds
 * all of them. If one may not post, none does.
 */
export const answer = (
  findBook: (bookId: string) => Book | undefined,
  asked: Entry | undefined,
  together: Waiting[],
  verdict: Answer,
  terms: AnswerTerms,
): Change[] => {
  const { request } = terms
  const [book] = seatOf(findBook(terms.keyIn), request.callerId)
  if (asked === undefined) throw ledgerError('not_found')
  checkVersion(book, request)
  const { row } = asked
  if (row.status !== 'pending' || asked.answer !== undefined) throw ledgerError('already_answered')
  const mine = row.enteredBy === request.callerId
  if (mine !== (verdict.kind === 'withdrawn')) throw ledgerError('not_yours_to_answer')
  const bundle = together.length > 1 ? terms.bundle : undefined
  const waiting = together.map((one) => ({ ...one, postings: intentOf(one.entry, one.target) }))
  return byBook(waiting).map((ofBook) => {
    const bookId = ofBook[0]?.entry.row.bookId ?? ''
    const [found] = seatOf(findBook(bookId), request.callerId)
    const ordered = verdict.kind === 'accepted' ? raisingFirst(ofBook) : undoingLast(ofBook)
    return answerBook(found, ordered, asked, { ...verdict, bundle }, terms)
  })
}

/** A no moves no balance: it speaks of what was written first, then of what that was to undo. */
const undoingLast = (waiting: Asked[]): Asked[] =>
  waiting.toSorted((one, other) => Number(isUndoing(one)) - Number(isUndoing(other)))
const isUndoing = ({ entry }: Asked) => entry.row.reverses !== undefined

/** Accepts a debt that was proposed, for whoever has the seat in it now. */
export const acceptOpening = (
  book: Book,
  opening: Entry,
  request: Terms['request'],
  now: string,
): Change => {
  const yes = { kind: 'accepted' as const, words: undefined }
  const terms = { request, now, bundle: '', keyIn: book.id }
  const [change] = answer(() => book, opening, [{ entry: opening, target: undefined }], yes, terms)
  if (change === undefined) throw ledgerError('internal')
  return change
}

const byBook = (waiting: Asked[]): Asked[][] => {
  const books = new Map<string, Asked[]>()
  for (const one of waiting) {
    const { bookId } = one.entry.row
    books.set(bookId, [...(books.get(bookId) ?? []), one])
  }
  return [...books.values()]
}

const answerBook = (
  book: Book,
  waiting: Asked[],
  asked: Entry,
  verdict: Answer & { bundle: string | undefined },
  terms: AnswerTerms,
): Change => {
  const { request, now } = terms
  const accepted = verdict.kind === 'accepted'
  if (accepted) {
    refuseTurnedSign(
      book,
      waiting.reduce((sum, { postings }) => sum + raisedBy(postings), 0n),
    )
    for (const { target } of waiting) if (target !== undefined) refuseUndone(target)
  }
  const drafts = waiting.map(({ entry, postings }): Draft => {
    const { seq, bookId, amountMinor, occurredOn, reverses } = entry.row
    const named = seq === asked.row.seq && bookId === asked.row.bookId
    const waited = { seq, amountMinor, occurredOn, reverses, postings }
    return {
      ...(accepted
        ? acceptanceDraft(waited, request.callerId)
        : refusalDraft(waited, verdict.kind, request.callerId)),
      ...(verdict.bundle === undefined ? {} : { bundle: verdict.bundle }),
      ...(named && verdict.words !== undefined ? { words: verdict.words } : {}),
    }
  })
  const seated = accepted ? joined(book, request.callerId) : book
  const appended = append(seated, keyed(drafts, book.id, terms), now)
  const last = appended.at(-1)?.book ?? book
  const opening = waiting.some(({ entry }) => entry.row.seq === 1)
  const after = opening ? { ...last, status: verdict.kind } : last
  return { before: book, after: accepted ? settledOrOpen(last) : after, appended }
}

/** A no posts nothing and reverses nothing; it takes the pending amounts back. */
const refusalDraft = (
  entry: Parameters<typeof acceptanceDraft>[0],
  kind: Verdict,
  authorId: string,
): Draft => ({
  ...acceptanceDraft({ ...entry, reverses: undefined }, authorId),
  kind,
  postings: [],
})

/**
 * The lender says no to a debt that the borrower wrote down: every entry is undone, what waits is
 * declined, and the opening is answered. All in one bundle.
 */
export const refuseSeat = (
  book: Book,
  entries: Entry[],
  words: Words | undefined,
  terms: AnswerTerms,
): Change => {
  const opening = entries.find(({ row }) => row.seq === 1)
  if (opening === undefined || entries.length !== book.lastSeq) throw ledgerError('debt_not_open')
  const { request, bundle, now } = terms
  const common = { enteredBy: request.callerId, bundle, status: 'posted' as const }
  const undoing = entries.flatMap((entry): Draft[] => {
    const { kind, seq, occurredOn, amountMinor, status, resolves } = entry.row
    if (!(isEntryKind(kind) || kind === 'reversal') || resolves !== undefined) return []
    const target = entries.find(({ row }) => row.seq === entry.row.reverses)
    const intent = intentOf(entry, target)
    const shared = { ...common, occurredOn, amountMinor }
    if (status === 'pending' && entry.answer === undefined) {
      return [{ ...shared, kind: 'declined', postings: [], releases: intent, resolves: seq }]
    }
    const counts = status === 'posted' || entry.answer?.kind === 'accepted'
    if (!counts || entry.undoneBy !== undefined || kind === 'reversal') return []
    return [{ ...shared, kind: 'reversal', postings: turnedRound(intent), reverses: seq }]
  })
  const { occurredOn, amountMinor } = opening.row
  const last: Draft = {
    ...common,
    occurredOn,
    amountMinor,
    kind: 'declined',
    postings: [],
    resolves: 1,
    ...(words === undefined ? {} : { words }),
  }
  const appended = append(book, keyed([...undoing, last], book.id, terms), now)
  const after = appended.at(-1)?.book ?? book
  return { before: book, after: { ...after, status: 'declined' }, appended }
}
