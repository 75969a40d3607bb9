/** Reads entries: journal rows with their words and the later rows that speak of them. */
import type { Connection } from '@quits/kit/postgres'
import { int4s, uuids } from '../column.ts'
import { overRows } from '../statement.ts'
import type { Entry } from './entry.ts'

/** The columns of an `EntryRow`; `t` is the journal row, see `entryJoins`. */
export const entryColumns = `t.book_id, t.seq, t.kind, t.status, t.entered_by, t.occurred_on,
  t.amount_minor, b.currency, t.balance_minor, t.resolves, t.reverses, t.bundle, t.key,
  encode(t.request_hash, 'hex') AS request_hash, encode(t.words_hash, 'hex') AS words_hash,
  encode(t.prev_hash, 'hex') AS prev_hash, encode(t.hash, 'hex') AS hash, t.at, w.note, w.reason, w.suggested_minor,
  a.seq AS answer_seq, a.kind AS answer_kind, a.bundle AS answer_bundle, u.seq AS undone_seq`

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
  request_hash: string | null
  words_hash: string | null
  prev_hash: string
  hash: string
  at: Date
  note: string | null
  reason: string | null
  suggested_minor: bigint | null
  answer_seq: number | null
  answer_kind: string | null
  answer_bundle: string | null
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
      : {
          seq: row.answer_seq,
          kind: row.answer_kind,
          bundle: row.answer_bundle ?? undefined,
        },
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

const entriesWith = overRows<{ bookId: string; seq: number }>(
  'load-entries',
  { book_id: uuids(({ bookId }) => bookId), seq: int4s(({ seq }) => seq) },
  (set) =>
    `SELECT ${entryColumns} FROM ${set} JOIN transactions t USING (book_id, seq) ${entryJoins}`,
)

/** The entries at these places, of however many books, in no order. */
export const entriesAt = async (
  connection: Pick<Connection, 'query'>,
  places: { bookId: string; seq: number }[],
): Promise<Entry[]> => {
  const [statement] = entriesWith(places)
  if (statement === undefined) return []
  const { rows } = await connection.query<EntryRow>(statement)
  return rows.map(readEntry)
}

/** One entry, or undefined. */
export const entryOf = async (
  connection: Pick<Connection, 'query'>,
  bookId: string,
  seq: number,
): Promise<Entry | undefined> => {
  const [entry] = await entriesAt(connection, [{ bookId, seq }])
  return entry
}

/**
 * The entries that one command made together, by book and seq, without the answers among them. They are
 * as they were made for ever; what later rows made of them is in their status.
 */
export const entriesOfBundle = async (
  connection: Pick<Connection, 'query'>,
  bundle: string,
): Promise<Entry[]> => {
  const { rows } = await connection.query<EntryRow>({
    name: 'entries-of-bundle',
    text: `SELECT ${entryColumns} FROM bundles x
           JOIN transactions t ON t.book_id = x.book_id AND t.seq = x.seq ${entryJoins}
           WHERE x.id = $1 AND t.resolves IS NULL ORDER BY t.book_id, t.seq`,
    values: [bundle],
  })
  return rows.map(readEntry)
}

/** The places an answer to an entry concerns: the entry, and those it was made together with. */
export interface Together {
  bundle: string | undefined
  entries: { bookId: string; seq: number; reverses: number | undefined }[]
}

/** Undefined when there is no such entry. What it tells never changes, so it needs no lock. */
export const madeTogether = async (
  connection: Pick<Connection, 'query'>,
  place: { bookId: string; seq: number },
): Promise<Together | undefined> => {
  const { rows } = await connection.query<{
    bundle: string | null
    book_id: string
    seq: number
    reverses: number | null
  }>({
    name: 'made-together',
    text: `SELECT one.bundle, t.book_id, t.seq, t.reverses FROM transactions one
           CROSS JOIN LATERAL (
             SELECT one.book_id, one.seq UNION
             SELECT x.book_id, x.seq FROM bundles x WHERE x.id = one.bundle
           ) AS place
           JOIN transactions t ON t.book_id = place.book_id AND t.seq = place.seq
           WHERE one.book_id = $1 AND one.seq = $2 AND (t.resolves IS NULL OR t.seq = one.seq)
           ORDER BY t.book_id, t.seq`,
    values: [place.bookId, place.seq],
  })
  const [first] = rows
  if (first === undefined) return undefined
  return {
    bundle: first.bundle ?? undefined,
    entries: rows.map(({ book_id, seq, reverses }) => ({
      bookId: book_id,
      seq,
      reverses: reverses ?? undefined,
    })),
  }
}
