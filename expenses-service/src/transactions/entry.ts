/** An entry as people read it: a journal row with what later rows made of it. */
import type { Money } from '@quits/proto/money'
import { asMoney } from '../amount.ts'
import type { Appended, Participant } from './book.ts'
import type { Row } from './journal.ts'

/** A row as stored, with its words while they exist and the later rows that speak of it. */
export interface Entry {
  row: Omit<Row, 'postings'>
  note: string | undefined
  reason: string | undefined
  /** What the amount should be, said by who declined. */
  suggestedMinor: bigint | undefined
  /** The row that answered this one, if any. */
  answer: { seq: number; kind: string; bundle: string | undefined } | undefined
  /** The posted row that undid this one, if any. */
  undoneBy: number | undefined
}

/** A row that was just appended, before anything later speaks of it. */
export const entryOfRow = ({ row, words }: Pick<Appended, 'row' | 'words'>): Entry => ({
  row,
  note: words?.note,
  reason: words?.reason,
  suggestedMinor: words?.suggestedMinor,
  answer: undefined,
  undoneBy: undefined,
})

export interface EntryView {
  debtId: string
  seq: number
  kind: string
  status: string
  amount: Money
  balance: Money
  /** User id; null when it is not the reader's to know yet. */
  enteredBy: string | null
  occurredOn: string
  note?: string
  reason?: string
  suggested?: Money
  resolves?: number
  reverses?: number
  bundle?: string
  hash: string
  at: string
}

/** Posted, pending, declined, withdrawn or reversed: the row read together with later rows. */
export const statusOf = (entry: Pick<Entry, 'row' | 'answer' | 'undoneBy'>): string => {
  if (entry.undoneBy !== undefined) return 'reversed'
  if (entry.row.status === 'posted') return 'posted'
  if (entry.answer === undefined) return 'pending'
  return entry.answer.kind === 'accepted' ? 'posted' : entry.answer.kind
}

/** The status in the first answer: a row that its own command answered too, by standing consent, posted. */
const statusAsMade = ({ row, answer }: Pick<Entry, 'row' | 'answer'>): string =>
  row.bundle !== undefined && answer?.bundle === row.bundle ? 'posted' : row.status

/**
 * The entry for `readerId`. A person who has not agreed to be in the book yet stays unnamed to the
 * others. With `asMade` it shows the status the row had when it was written: the first answer.
 */
export const viewEntry = (
  entry: Entry,
  participants: Participant[],
  readerId: string,
  asMade = false,
): EntryView => {
  const { row } = entry
  const author = participants.find(({ userId }) => userId === row.enteredBy)
  const named = row.enteredBy === readerId || author?.seat === 'joined'
  return {
    debtId: row.bookId,
    seq: row.seq,
    kind: row.kind,
    status: asMade ? statusAsMade(entry) : statusOf(entry),
    amount: asMoney(row.amountMinor, row.currency),
    balance: asMoney(row.balanceMinor, row.currency),
    enteredBy: named ? row.enteredBy : null,
    occurredOn: row.occurredOn,
    ...(entry.note === undefined ? {} : { note: entry.note }),
    ...(entry.reason === undefined ? {} : { reason: entry.reason }),
    ...(entry.suggestedMinor === undefined
      ? {}
      : { suggested: asMoney(entry.suggestedMinor, row.currency) }),
    ...(row.resolves === undefined ? {} : { resolves: row.resolves }),
    ...(row.reverses === undefined ? {} : { reverses: row.reverses }),
    ...(row.bundle === undefined ? {} : { bundle: row.bundle }),
    hash: row.hash,
    at: row.at,
  }
}
