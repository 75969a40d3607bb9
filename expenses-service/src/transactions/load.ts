/**
 * The load step: everything that the commands of one turn decide on. Locks are taken first, books in
 * id order so that two turns never wait for each other in a circle. What is locked is read by the lock
 * itself; everything else by later statements, because a statement that waited for a lock still sees
 * other tables as they were before.
 */
import type { Connection } from '@quits/kit/postgres'
import { texts, uuidArray, uuids } from '../column.ts'
import { overRows } from '../statement.ts'
import type { Account, Book, Participant } from './book.ts'
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

/**
 * Locks the books and reads their rows, as they are under the lock: a row that was waited for is read
 * again, which holds for the locked table alone. Those that do not exist yet are simply not found.
 */
export const lockBooks = async (connection: Reader, bookIds: string[]): Promise<BookRow[]> => {
  const { rows } = await connection.query<BookRow>({
    name: 'lock-books',
    text: `SELECT ${bookColumns} FROM books b WHERE b.book_id = ANY($1::uuid[])
           ORDER BY b.book_id FOR NO KEY UPDATE`,
    values: [uuidArray(bookIds)],
  })
  return rows
}

/**
 * Locks, then loads. All statements leave at once, and each runs after the one before it. `looks` are
 * what single commands need to see beyond that.
 */
export const load = async (
  connection: Reader,
  wanted: Wanted,
  looks: ((reader: Reader) => Promise<void>)[],
): Promise<Loaded> => {
  const [locked, sessions, participants, entries, written, payments, relations] = await Promise.all(
    [
      lockBooks(connection, wanted.bookIds),
      loadSessions(connection, wanted.sessionIds),
      loadParticipants(connection, wanted.bookIds),
      entriesAt(connection, wanted.entries),
      loadWritten(connection, wanted.keys),
      loadPayments(connection, wanted.paymentKeys),
      loadRelations(connection, wanted.bookIds),
      ...looks.map((look) => look(connection)),
    ],
  )
  const { now, live } = sessions
  const books = booksOf(locked, participants)
  return { now, books, entries, written, payments, relations, sessions: live }
}

const loadSessions = async (connection: Reader, sessionIds: string[]) => {
  const { rows } = await connection.query<{ now: Date; live: string | null }>({
    name: 'load-sessions',
    text: `SELECT clock_timestamp() AS now, string_agg(id || ':' || user_id, ',') AS live
           FROM sessions WHERE id = ANY($1::uuid[]) AND revoked_at IS NULL
             AND expires_at > clock_timestamp()`,
    values: [uuidArray(sessionIds)],
  })
  const [found] = rows
  const live = (found?.live?.split(',') ?? []).map((pair) => {
    const [id = '', userId = ''] = pair.split(':')
    return { id, userId }
  })
  return { now: (found?.now ?? new Date(0)).toISOString(), live }
}

interface BookRow {
  book_id: string
  kind: string
  currency: string
  status: string
  last_seq: number
  last_hash: string
  version: number
  pending_count: number
  created_at: Date
  posted: string
  pending_in: string
  pending_out: string
}

const bookColumns = `b.book_id, b.kind, b.currency, b.status, b.last_seq, encode(b.last_hash, 'hex') AS last_hash, b.version,
  b.pending_count, b.created_at, b.posted_minor::text AS posted,
  b.pending_in_minor::text AS pending_in, b.pending_out_minor::text AS pending_out`

interface ParticipantRow {
  book_id: string
  no: number
  role: string
  user_id: string | null
  name: string | null
  seat: Participant['seat']
}

const loadParticipants = async (connection: Reader, bookIds: string[]) => {
  const { rows } = await connection.query<ParticipantRow>({
    name: 'load-participants',
    text: `SELECT book_id, no, role, user_id, name, seat FROM participants
           WHERE book_id = ANY($1::uuid[]) ORDER BY book_id, no`,
    values: [uuidArray(bookIds)],
  })
  return rows
}

/** Books with their participants and accounts, each in the order of its numbers, of one moment. */
export const loadBooks = async (connection: Reader, bookIds: string[]): Promise<Book[]> => {
  const { rows } = await connection.query<BookRow & ParticipantRow>({
    name: 'load-books',
    text: `SELECT ${bookColumns}, p.no, p.role, p.user_id, p.name, p.seat
           FROM books b JOIN participants p USING (book_id)
           WHERE b.book_id = ANY($1::uuid[]) ORDER BY p.book_id, p.no`,
    values: [uuidArray(bookIds)],
  })
  return booksOf(new Map(rows.map((row) => [row.book_id, row])).values(), rows)
}

const booksOf = (rows: Iterable<BookRow>, participants: ParticipantRow[]): Book[] => {
  const books = new Map<string, Book>()
  for (const row of rows) books.set(row.book_id, bookOf(row))
  let book: Book | undefined
  // In the order of their books.
  for (const { book_id, no, role, user_id, name, seat } of participants) {
    if (book?.id !== book_id) book = books.get(book_id)
    const userId = user_id ?? undefined
    book?.participants.push({ no, role, userId, name: name ?? undefined, seat })
  }
  return [...books.values()]
}

const bookOf = (row: BookRow): Book => ({
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
  accounts: accountsOf(row),
})

/** Account n of a debt is the position of participant n. */
const accountsOf = ({ posted, pending_in, pending_out }: BookRow): Account[] => {
  const pendingIn = amountsIn(pending_in)
  const pendingOut = amountsIn(pending_out)
  return amountsIn(posted).map((postedMinor, index) => ({
    no: index + 1,
    postedMinor,
    pendingInMinor: pendingIn[index] ?? 0n,
    pendingOutMinor: pendingOut[index] ?? 0n,
  }))
}

/** The numbers of a Postgres array of bigint, such as `{-1250,1250}`. */
const amountsIn = (literal: string): bigint[] => literal.slice(1, -1).split(',').map(BigInt)

const writtenWith = overRows<Wanted['keys'][number]>(
  'load-written',
  {
    book_id: uuids(({ bookId }) => bookId),
    entered_by: uuids(({ userId }) => userId),
    key: texts(({ key }) => key),
  },
  (set) => `SELECT ${entryColumns}
    FROM ${set} JOIN transactions t USING (book_id, entered_by, key) ${entryJoins}`,
)

const loadWritten = async (connection: Reader, wanted: Wanted['keys']): Promise<Entry[]> => {
  const [statement] = writtenWith(wanted)
  if (statement === undefined) return []
  const { rows } = await connection.query<EntryRow>(statement)
  return rows.map(readEntry)
}
