/** Reads entries: journal rows with their words and the later rows that speak of them. */
import type { Connection } from '@quits/kit/postgres'
import type { Entry } from './entry.ts'

/** The columns of an `EntryRow`; `t` is the journal row, see `entryJoins`. */
export const entryColumns = `t.book_id, t.seq, t.kind, t.status, t.entered_by, t.occurred_on,
  t.amount_minor, b.currency, t.balance_minor, t.resolves, t.reverses, t.bundle, t.key,
  t.request_hash, t.words_hash, t.prev_hash, t.hash, t.at, w.note, w.reason, w.suggested_minor,
  a.seq AS answer_seq, a.kind AS answer_kind, u.seq AS undone_seq`

/** From the journal row `t` to its book, words, answer and undoing. Each is one index look-up. */
export const entryJoins = `JOIN books b ON b.book_id = t.book_id
  LEFT JOIN transaction_words w ON w.book_id = t.book_id AND w.seq = t.seq
  LEFT JOIN transactions a ON a.book_id = t.book_id AND a.resolves = t.seq
  LEFT JOIN transactions u ON u.book_id = t.book_id AND u.reverses = t.seq AND u.status = 'posted'`

export interface EntryRow {
  book_id: string
  seq: number
  kind: string
  status: 'posted' | 'pending'
  entered_by: string
  occurred_on: string
  amount_minor: bigint
  currency: string
  balance_minor: bigint
  resolves: number | null
  reverses: number | null
  bundle: string | null
  key: string | null
  request_hash: Buffer | null
  words_hash: Buffer | null
  prev_hash: Buffer
  hash: Buffer
  at: Date
  note: string | null
  reason: string | null
  suggested_minor: bigint | null
  answer_seq: number | null
  answer_kind: string | null
  undone_seq: number | null
}

export const readEntry = (row: EntryRow): Entry => ({
  row: {
    bookId: row.book_id,
    seq: row.seq,
    kind: row.kind,
    status: row.status,
    enteredBy: row.entered_by,
    occurredOn: row.occurred_on,
    amountMinor: row.amount_minor,
    currency: row.currency,
    balanceMinor: row.balance_minor,
    resolves: row.resolves ?? undefined,
    reverses: row.reverses ?? undefined,
    bundle: row.bundle ?? undefined,
    key: row.key ?? undefined,
    requestHash: row.request_hash ?? undefined,
    wordsHash: row.words_hash ?? undefined,
    prevHash: row.prev_hash,
    hash: row.hash,
    at: row.at.toISOString(),
  },
  note: row.note ?? undefined,
  reason: row.reason ?? undefined,
  suggestedMinor: row.suggested_minor ?? undefined,
  answer:
    row.answer_seq === null || row.answer_kind === null
      ? undefined
      : { seq: row.answer_seq, kind: row.answer_kind },
  undoneBy: row.undone_seq ?? undefined,
})

/** A page of a book's entries, newest first, below `beforeSeq`. */
export const entriesOf = async (
  connection: Pick<Connection, 'query'>,
  page: { bookId: string; beforeSeq: number; limit: number },
): Promise<Entry[]> => {
  const { rows } = await connection.query<EntryRow>({
    name: 'entries-of',
    text: `SELECT ${entryColumns} FROM transactions t ${entryJoins}
           WHERE t.book_id = $1 AND t.seq < $2 ORDER BY t.seq DESC LIMIT $3`,
    values: [page.bookId, page.beforeSeq, page.limit],
  })
  return rows.map(readEntry)
}

/** One entry, or undefined. */
export const entryOf = async (
  connection: Pick<Connection, 'query'>,
  bookId: string,
  seq: number,
): Promise<Entry | undefined> => {
  const [entry] = await entriesOf(connection, { bookId, beforeSeq: seq + 1, limit: 1 })
  return entry?.row.seq === seq ? entry : undefined
}
