// Reads the ledger of a database for the check: books in batches, their rows in pages, each batch
// in one snapshot, so that a live service may go on writing. Everything arrives as text.
import pg from 'pg'
import type { BookHead } from './book-check.ts'
import type { JournalRow } from './journal-form.ts'

export const booksPerBatch = 200
const rowsPerPage = 2_000
export const strayRowsMax = 1_000
const seqMax = 2_147_483_647
const connectMsMax = 5_000

export type Reader = Pick<pg.Client, 'query'>

/** A book range: after `from`, up to and with `to`; undefined is no bound. */
export interface Range {
  from: string | undefined
  to: string | undefined
}

/** Runs `act` on a connection of its own. */
export const withDatabase = async <T>(
  url: string,
  act: (client: pg.Client) => Promise<T>,
): Promise<T> => {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'quits-verify',
    connectionTimeoutMillis: connectMsMax,
  })
  await client.connect()
  try {
    return await act(client)
  } finally {
    await client.end()
  }
}

/** Everything that `act` reads is of one instant. */
export const inSnapshot = async <T>(client: Reader, act: () => Promise<T>): Promise<T> => {
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
  try {
    return await act()
  } finally {
    await client.query('ROLLBACK')
  }
}

interface HeadRow {
  id: string
  kind: string
  currency: string
  last_seq: number
  last_hash: string
  pending_count: number
  accounts: [no: number, posted: string, pendingIn: string, pendingOut: string][]
}

/** The next books after `from`, by id. */
export const readHeads = async (
  client: Reader,
  from: string | undefined,
  limit = booksPerBatch,
): Promise<BookHead[]> => {
  const { rows } = await client.query<HeadRow>(
    `SELECT b.book_id::text AS id, b.kind, b.currency, b.last_seq,
       encode(b.last_hash, 'hex') AS last_hash, b.pending_count,
       (SELECT coalesce(json_agg(json_build_array(a.no, a.posted::text, a.pending_in::text,
          a.pending_out::text) ORDER BY a.no), '[]')
        FROM unnest(b.posted_minor, b.pending_in_minor, b.pending_out_minor) WITH ORDINALITY
          AS a (posted, pending_in, pending_out, no)) AS accounts
     FROM books b WHERE $1::uuid IS NULL OR b.book_id > $1 ORDER BY b.book_id LIMIT $2`,
    [from ?? null, limit],
  )
  return rows.map((row) => ({
    id: row.id,
    kind: row.kind,
    currency: row.currency,
    lastSeq: row.last_seq,
    lastHash: row.last_hash,
    pendingCount: row.pending_count,
    accounts: row.accounts.map(([no, postedMinor, pendingInMinor, pendingOutMinor]) => ({
      no,
      postedMinor,
      pendingInMinor,
      pendingOutMinor,
    })),
  }))
}

interface TransactionRow {
  book: string
  seq: number
  kind: string
  status: string
  entered_by: string
  occurred_on: string
  amount: string
  balance: string
  resolves: number | null
  reverses: number | null
  bundle: string | null
  listed: boolean
  words_hash: string | null
  prev_hash: string
  hash: string
  at: string
  salt: string | null
  note: string | null
  reason: string | null
  suggested: string | null
  postings: [no: number, debit: number, credit: number, amount: string][]
}

export interface BookRow {
  book: string
  row: JournalRow
  /** Faults of how the row is stored, beside those of what it says. */
  faults: string[]
}

/** Rows of the books in the range, by book and seq, page by page. */
export async function* readRows(client: Reader, range: Range): AsyncGenerator<BookRow> {
  let after = { book: range.from, seq: seqMax }
  for (;;) {
    const { rows } = await client.query<TransactionRow>(
      `SELECT t.book_id::text AS book, t.seq, t.kind, t.status, t.entered_by::text,
         t.occurred_on::text, t.amount_minor::text AS amount, t.balance_minor::text AS balance,
         t.resolves, t.reverses, t.bundle::text, t.bundle IS NULL OR EXISTS (SELECT FROM bundles x
           WHERE x.id = t.bundle AND x.book_id = t.book_id AND x.seq = t.seq) AS listed,
         encode(t.words_hash, 'hex') AS words_hash, encode(t.prev_hash, 'hex') AS prev_hash,
         encode(t.hash, 'hex') AS hash,
         to_char(t.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') AS at,
         encode(w.salt, 'hex') AS salt, w.note, w.reason, w.suggested_minor::text AS suggested,
         (SELECT coalesce(json_agg(json_build_array(p.no, p.debit, p.credit, p.amount_minor::text)
            ORDER BY p.no), '[]')
          FROM unnest(t.postings) WITH ORDINALITY AS p (debit, credit, amount_minor, no)) AS postings
       FROM transactions t
       LEFT JOIN transaction_words w ON w.book_id = t.book_id AND w.seq = t.seq
       WHERE ($1::uuid IS NULL OR (t.book_id, t.seq) > ($1, $2::int))
         AND ($3::uuid IS NULL OR t.book_id <= $3)
       ORDER BY t.book_id, t.seq LIMIT $4`,
      [after.book ?? null, after.seq, range.to ?? null, rowsPerPage],
    )
    for (const row of rows) yield bookRowOf(row)
    const last = rows.at(-1)
    if (last === undefined || rows.length < rowsPerPage) return
    after = { book: last.book, seq: last.seq }
  }
}

const bookRowOf = (row: TransactionRow): BookRow => ({
  book: row.book,
  row: {
    seq: row.seq,
    kind: row.kind,
    status: row.status,
    enteredBy: row.entered_by,
    occurredOn: row.occurred_on,
    amountMinor: row.amount,
    balanceMinor: row.balance,
    resolves: row.resolves,
    reverses: row.reverses,
    bundle: row.bundle,
    wordsHash: row.words_hash,
    at: instantOf(row.at),
    postings: row.postings.map(([, debit, credit, amountMinor]) => ({
      debit,
      credit,
      amountMinor,
    })),
    prevHash: row.prev_hash,
    hash: row.hash,
    words:
      row.salt === null
        ? null
        : { salt: row.salt, note: row.note, reason: row.reason, suggestedMinor: row.suggested },
  },
  faults: [
    ...(row.listed ? [] : ['its bundle does not list it']),
    ...(row.postings.every(([no], index) => no === index + 1) ? [] : ['lacks a posting']),
  ],
})

/** Milliseconds, as hashed; what is finer was not written by the service and stays visible. */
const instantOf = (microseconds: string): string =>
  `${microseconds.endsWith('000') ? microseconds.slice(0, -3) : microseconds}Z`

const strays: { what: string; sql: string }[] = [
  {
    what: 'is a row of no book',
    sql: `SELECT book_id, seq FROM transactions t
          WHERE NOT EXISTS (SELECT FROM books b WHERE b.book_id = t.book_id)`,
  },
  {
    what: 'has words, but no row',
    sql: `SELECT book_id, seq FROM transaction_words t WHERE NOT EXISTS
          (SELECT FROM transactions x WHERE x.book_id = t.book_id AND x.seq = t.seq)`,
  },
  {
    what: 'is listed in a bundle, but has no row',
    sql: `SELECT book_id, seq FROM bundles t WHERE NOT EXISTS
          (SELECT FROM transactions x WHERE x.book_id = t.book_id AND x.seq = t.seq
             AND x.bundle = t.id)`,
  },
]

/** Rows that belong to nothing; at most `strayRowsMax` of each sort. */
export const readStrays = async (
  client: Reader,
): Promise<{ book: string; seq: number | undefined; what: string }[]> => {
  const found = []
  for (const { what, sql } of strays) {
    const { rows } = await client.query<{ book_id: string; seq: number | null }>(
      `${sql} LIMIT ${strayRowsMax}`,
    )
    found.push(...rows.map(({ book_id, seq }) => ({ book: book_id, seq: seq ?? undefined, what })))
  }
  return found
}

/** Hashes of one book's rows, by seq, from `first` to `last`. */
export const readHashes = async (
  client: Reader,
  book: string,
  seqs: { first: number; last: number },
): Promise<Map<number, string>> => {
  const { rows } = await client.query<{ seq: number; hash: string }>(
    `SELECT seq, encode(hash, 'hex') AS hash FROM transactions
     WHERE book_id = $1 AND seq BETWEEN $2 AND $3`,
    [book, seqs.first, seqs.last],
  )
  return new Map(rows.map(({ seq, hash }) => [seq, hash]))
}
