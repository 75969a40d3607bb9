/**
 * The load step: everything that the commands of one turn decide on. Locks are taken first, books in
 * id order so that two turns never wait for each other in a circle; the state is read by later
 * statements, because a statement that waited for a lock still sees joined tables as they were before.
 */
import type { Connection } from '@quits/kit/postgres'
import type { Account, Book, Participant } from './book.ts'
import type { Entry } from './entry.ts'
import { type EntryRow, entryColumns, entryJoins, readEntry } from './entry-store.ts'

/** What a turn needs to know. */
export interface Wanted {
  bookIds: string[]
  entries: { bookId: string; seq: number }[]
  keys: { bookId: string; userId: string; key: string }[]
  sessions: { id: string; userId: string }[]
}

export interface Loaded {
  /** The turn's instant, from the database's clock: RFC 3339 UTC with milliseconds. */
  now: string
  book(id: string): Book | undefined
  entry(bookId: string, seq: number): Entry | undefined
  /** The row that an earlier request with this key wrote. */
  written(bookId: string, userId: string, key: string): Entry | undefined
  signedIn(sessionId: string, userId: string): boolean
}

/** Locks the books of the turn; those that do not exist yet are simply not found later. */
export const lockBooks = (connection: Connection, bookIds: string[]) =>
  connection.query({
    name: 'lock-books',
    text: 'SELECT FROM books WHERE book_id = ANY($1::uuid[]) ORDER BY book_id FOR NO KEY UPDATE',
    values: [bookIds],
  })

export const load = async (connection: Connection, wanted: Wanted): Promise<Loaded> => {
  await lockBooks(connection, wanted.bookIds)
  const sessions = await loadSessions(connection, wanted.sessions)
  const books = await loadBooks(connection, wanted.bookIds)
  const entries = await loadEntries(connection, wanted.entries)
  const written = await loadWritten(connection, wanted.keys)
  return {
    now: sessions.now,
    book: (id) => books.get(id),
    entry: (bookId, seq) => entries.get(`${bookId}:${seq}`),
    written: (bookId, userId, key) => written.get(`${bookId}:${userId}:${key}`),
    signedIn: (sessionId, userId) => sessions.live.has(`${sessionId}:${userId}`),
  }
}

const loadSessions = async (connection: Connection, sessions: Wanted['sessions']) => {
  const { rows } = await connection.query<{ now: Date; live: string[] }>({
    name: 'load-sessions',
    text: `SELECT clock_timestamp() AS now,
             coalesce(array_agg(id || ':' || user_id) FILTER (WHERE id IS NOT NULL), '{}') AS live
           FROM (SELECT) one LEFT JOIN sessions
             ON id = ANY($1::uuid[]) AND revoked_at IS NULL AND expires_at > clock_timestamp()`,
    values: [sessions.map(({ id }) => id)],
  })
  return { now: (rows[0]?.now ?? new Date(0)).toISOString(), live: new Set(rows[0]?.live) }
}

interface BookRow {
  book_id: string
  kind: string
  currency: string
  status: string
  last_seq: number
  last_hash: Buffer
  version: number
  pending_count: number
  created_at: Date
}

/** Books with their participants and accounts, by id. */
export const loadBooks = async (
  connection: Pick<Connection, 'query'>,
  bookIds: string[],
): Promise<Map<string, Book>> => {
  const values = [bookIds]
  const books = await connection.query<BookRow>({
    name: 'load-books',
    text: `SELECT book_id, kind, currency, status, last_seq, last_hash, version, pending_count,
             created_at
           FROM books WHERE book_id = ANY($1::uuid[])`,
    values,
  })
  const participants = await connection.query<Participant & { bookId: string }>({
    name: 'load-participants',
    text: `SELECT book_id AS "bookId", no, role, user_id AS "userId", name, seat
           FROM participants WHERE book_id = ANY($1::uuid[]) ORDER BY book_id, no`,
    values,
  })
  const accounts = await connection.query<Account & { bookId: string }>({
    name: 'load-accounts',
    text: `SELECT book_id AS "bookId", no, kind, participant, posted_minor AS "postedMinor",
             pending_in_minor AS "pendingInMinor", pending_out_minor AS "pendingOutMinor"
           FROM accounts WHERE book_id = ANY($1::uuid[]) ORDER BY book_id, no`,
    values,
  })
  return new Map(
    books.rows.map((row) => [
      row.book_id,
      {
        id: row.book_id,
        kind: row.kind,
        currency: row.currency,
        status: row.status,
        lastSeq: row.last_seq,
        lastHash: row.last_hash,
        version: row.version,
        pendingCount: row.pending_count,
        createdAt: row.created_at.toISOString(),
        participants: membersOf(participants.rows, row.book_id).map((participant) => ({
          no: participant.no,
          role: participant.role,
          userId: participant.userId ?? undefined,
          name: participant.name ?? undefined,
          seat: participant.seat,
        })),
        accounts: membersOf(accounts.rows, row.book_id).map((account) => ({
          no: account.no,
          kind: account.kind,
          participant: account.participant ?? undefined,
          postedMinor: account.postedMinor,
          pendingInMinor: account.pendingInMinor,
          pendingOutMinor: account.pendingOutMinor,
        })),
      },
    ]),
  )
}

const membersOf = <T extends { bookId: string }>(rows: T[], bookId: string): T[] =>
  rows.filter((row) => row.bookId === bookId)

const loadEntries = async (connection: Connection, wanted: Wanted['entries']) => {
  if (wanted.length === 0) return new Map<string, Entry>()
  const { rows } = await connection.query<EntryRow>({
    name: 'load-entries',
    text: `SELECT ${entryColumns} FROM unnest($1::uuid[], $2::int[]) AS wanted (book_id, seq)
           JOIN transactions t USING (book_id, seq) ${entryJoins}`,
    values: [wanted.map(({ bookId }) => bookId), wanted.map(({ seq }) => seq)],
  })
  return new Map(
    rows.map(readEntry).map((entry) => [`${entry.row.bookId}:${entry.row.seq}`, entry]),
  )
}

const loadWritten = async (connection: Connection, wanted: Wanted['keys']) => {
  if (wanted.length === 0) return new Map<string, Entry>()
  const { rows } = await connection.query<EntryRow>({
    name: 'load-written',
    text: `SELECT ${entryColumns}
           FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS wanted (book_id, entered_by, key)
           JOIN transactions t USING (book_id, entered_by, key) ${entryJoins}`,
    values: [
      wanted.map(({ bookId }) => bookId),
      wanted.map(({ userId }) => userId),
      wanted.map(({ key }) => key),
    ],
  })
  return new Map(
    rows
      .map(readEntry)
      .map((entry) => [`${entry.row.bookId}:${entry.row.enteredBy}:${entry.row.key}`, entry]),
  )
}
