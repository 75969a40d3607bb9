/**
 * The load step: everything that the commands of one turn decide on. Locks are taken first, books in
 * id order so that two turns never wait for each other in a circle; the state is read by later
 * statements, because a statement that waited for a lock still sees joined tables as they were before.
 */
import type { Connection } from '@quits/kit/postgres'
import { textArray, uuidArray } from '../column.ts'
import type { Book } from './book.ts'
import type { Entry } from './entry.ts'
import { entriesAt, type EntryRow, entryColumns, entryJoins, readEntry } from './entry-store.ts'
import { loadPayments } from './payment-store.ts'
import { loadRelations } from './relation-store.ts'
import type { Loaded } from './state.ts'

type Reader = Pick<Connection, 'query'>

/** What a turn needs to know. */
export interface Wanted {
  bookIds: string[]
  entries: { bookId: string; seq: number }[]
  keys: { bookId: string; userId: string; key: string }[]
  paymentKeys: { userId: string; key: string }[]
  sessionIds: string[]
}

/** Locks the books; those that do not exist yet are simply not found later. */
export const lockBooks = (connection: Reader, bookIds: string[]) =>
  connection.query({
    name: 'lock-books',
    text: 'SELECT FROM books WHERE book_id = ANY($1::uuid[]) ORDER BY book_id FOR NO KEY UPDATE',
    values: [uuidArray(bookIds)],
  })

/**
 * Locks, then loads. All statements leave at once: the connection is a pipelined one, on which each
 * runs after the one before it. `looks` are what single commands need to see beyond that.
 */
export const load = async (
  connection: Reader,
  wanted: Wanted,
  looks: ((reader: Reader) => Promise<void>)[],
): Promise<Loaded> => {
  const [, sessions, books, entries, written, payments, relations] = await Promise.all([
    lockBooks(connection, wanted.bookIds),
    loadSessions(connection, wanted.sessionIds),
    loadBooks(connection, wanted.bookIds),
    entriesAt(connection, wanted.entries),
    loadWritten(connection, wanted.keys),
    loadPayments(connection, wanted.paymentKeys),
    loadRelations(connection, wanted.bookIds),
    ...looks.map((look) => look(connection)),
  ])
  const { now, live } = sessions
  return { now, books, entries, written, payments, relations, sessions: live }
}

const loadSessions = async (connection: Reader, sessionIds: string[]) => {
  const { rows } = await connection.query<{ now: Date; live: string[] }>({
    name: 'load-sessions',
    text: `SELECT clock_timestamp() AS now, ARRAY(SELECT id || ':' || user_id FROM sessions
             WHERE id = ANY($1::uuid[]) AND revoked_at IS NULL
               AND expires_at > clock_timestamp()) AS live`,
    values: [uuidArray(sessionIds)],
  })
  return { now: (rows[0]?.now ?? new Date(0)).toISOString(), live: rows[0]?.live ?? [] }
}

/** A book beside one of its accounts and the participant whose position that is. */
interface AccountRow {
  book_id: string
  kind: string
  currency: string
  status: string
  last_seq: number
  last_hash: Buffer
  version: number
  pending_count: number
  created_at: Date
  no: number
  account_kind: string
  participant: number | null
  posted_minor: bigint
  pending_in_minor: bigint
  pending_out_minor: bigint
  role: string | null
  user_id: string | null
  name: string | null
  seat: 'joined' | 'asked' | 'absent' | null
}

/** Books with their participants and accounts, each in the order of its numbers. */
export const loadBooks = async (connection: Reader, bookIds: string[]): Promise<Book[]> => {
  const { rows } = await connection.query<AccountRow>({
    name: 'load-books',
    text: `SELECT b.book_id, b.kind, b.currency, b.status, b.last_seq, b.last_hash, b.version,
             b.pending_count, b.created_at, a.no, a.kind AS account_kind, a.participant,
             a.posted_minor, a.pending_in_minor, a.pending_out_minor, p.role, p.user_id, p.name,
             p.seat
           FROM books b JOIN accounts a ON a.book_id = b.book_id
           LEFT JOIN participants p ON p.book_id = b.book_id AND p.no = a.participant
           WHERE b.book_id = ANY($1::uuid[]) ORDER BY a.book_id, a.no`,
    values: [uuidArray(bookIds)],
  })
  const books = new Map<string, Book>()
  for (const row of rows) {
    const book = books.get(row.book_id) ?? bookOf(row)
    books.set(book.id, book)
    addAccount(book, row)
  }
  return [...books.values()]
}

const bookOf = (row: AccountRow): Book => ({
  id: row.book_id,
  kind: row.kind,
  currency: row.currency,
  status: row.status,
  lastSeq: row.last_seq,
  lastHash: row.last_hash,
  version: row.version,
  pendingCount: row.pending_count,
  createdAt: row.created_at.toISOString(),
  participants: [],
  accounts: [],
})

const addAccount = (book: Book, row: AccountRow) => {
  book.accounts.push({
    no: row.no,
    kind: row.account_kind,
    participant: row.participant ?? undefined,
    postedMinor: row.posted_minor,
    pendingInMinor: row.pending_in_minor,
    pendingOutMinor: row.pending_out_minor,
  })
  if (row.participant === null || row.role === null || row.seat === null) return
  book.participants.push({
    no: row.participant,
    role: row.role,
    userId: row.user_id ?? undefined,
    name: row.name ?? undefined,
    seat: row.seat,
  })
}

const loadWritten = async (connection: Reader, wanted: Wanted['keys']): Promise<Entry[]> => {
  if (wanted.length === 0) return []
  const { rows } = await connection.query<EntryRow>({
    name: 'load-written',
    text: `SELECT ${entryColumns}
           FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS wanted (book_id, entered_by, key)
           JOIN transactions t USING (book_id, entered_by, key) ${entryJoins}`,
    values: [
      uuidArray(wanted.map(({ bookId }) => bookId)),
      uuidArray(wanted.map(({ userId }) => userId)),
      textArray(wanted.map(({ key }) => key)),
    ],
  })
  return rows.map(readEntry)
}
