/**
 * Correcting an entry: undoing it, or putting another in its place. The journal forgets nothing, so
 * both are new rows, and both need the consent of whom they cost something. Pure.
 */
import { ledgerError } from '../../errors.ts'
import type { Book, Change } from '../../transactions/book.ts'
import { type Entry, statusOf } from '../../transactions/entry.ts'
import type { Posting, Words } from '../../transactions/journal.ts'
import {
  type EntryKind,
  isEntryKind,
  postingsOf,
  seatOf,
  type Terms,
  turnedRound,
  writableBook,
} from '../rules.ts'
import { enterAll, type Part } from './bundle.ts'

/** What undoing `target` moves. */
export const undoingOf = (target: Entry): Posting[] =>
  turnedRound(postingsOf(target.row.kind as EntryKind, target.row.amountMinor))

/** What an entry moves when it posts; of a reversal, `target` is what it undoes. */
export const intentOf = (entry: Entry, target: Entry | undefined): Posting[] => {
  const { kind, amountMinor } = entry.row
  if (isEntryKind(kind)) return postingsOf(kind, amountMinor)
  if (target === undefined) throw ledgerError('not_found')
  return undoingOf(target)
}

/** Only what counts can be undone, once; a reversal never. */
export const refuseUndone = (target: Entry) => {
  const status = statusOf(target)
  if (status === 'reversed') throw ledgerError('already_reversed')
  if (status !== 'posted' || !isEntryKind(target.row.kind)) throw ledgerError('not_reversible')
}

const reversalPart = (
  book: Book,
  target: Entry,
  occurredOn: string,
  words: Words | undefined,
): Part => ({
  book,
  kind: 'reversal',
  amountMinor: target.row.amountMinor,
  postings: undoingOf(target),
  occurredOn,
  reverses: target.row.seq,
  words,
})

/** Undoes an entry that counts. */
export const reverse = (
  found: Book | undefined,
  target: Entry | undefined,
  wish: { occurredOn: string; words: Words | undefined },
  terms: Terms,
): Change[] => {
  seatOf(found, terms.request.callerId)
  if (target === undefined) throw ledgerError('not_found')
  const book = writableBook(found, terms.request)
  refuseUndone(target)
  return enterAll([reversalPart(book, target, wish.occurredOn, wish.words)], terms)
}

export interface Amendment {
  currency: string
  amountMinor: bigint
  /** Undefined: as it was. */
  occurredOn: string | undefined
  /** The day the correction is made. */
  today: string
  /** Of the reversal, and of the replacement. */
  words: { reversal: Words | undefined; replacement: Words | undefined }
}

/** Puts another entry of the same kind in the place of one that counts. */
export const amend = (
  found: Book | undefined,
  target: Entry | undefined,
  wish: Amendment,
  terms: Terms,
): Change[] => {
  seatOf(found, terms.request.callerId)
  if (target === undefined) throw ledgerError('not_found')
  const book = writableBook(found, terms.request)
  if (wish.currency !== book.currency) throw ledgerError('currency_mismatch')
  refuseUndone(target)
  const kind = target.row.kind as EntryKind
  const replacement: Part = {
    book,
    kind,
    amountMinor: wish.amountMinor,
    postings: postingsOf(kind, wish.amountMinor),
    occurredOn: wish.occurredOn ?? target.row.occurredOn,
    words: wish.words.replacement,
  }
  return enterAll([reversalPart(book, target, wish.today, wish.words.reversal), replacement], terms)
}
