/** Reads whole journals: whose books there are, and all rows of a book. */
import type { Pool } from '@quits/kit/postgres'
import type { Entry } from '../transactions/entry.ts'
import { type EntryRow, entryColumns, entryJoins, readEntry } from '../transactions/entry-store.ts'

/** People with a book, by id. */
export const readersAfter = async (
  pool: Pool,
  afterUserId: string,
  limit: number,
): Promise<string[]> => {
  const { rows } = await pool.query<{ user_id: string }>({
    name: 'journal-readers',
    text: 'SELECT DISTINCT user_id FROM memberships WHERE user_id > $1 ORDER BY 1 LIMIT $2',
    values: [afterUserId, limit],
  })
  return rows.map(({ user_id }) => user_id)
}

/** Books of this person, above `afterBookId`, by id. */
export const booksOfReader = async (
  pool: Pool,
  page: { userId: string; afterBookId: string; limit: number },
): Promise<string[]> => {
  const { rows } = await pool.query<{ book_id: string }>({
    name: 'journal-books',
    text: `SELECT book_id FROM memberships WHERE user_id = $1 AND book_id > $2
           ORDER BY book_id LIMIT $3`,
    values: [page.userId, page.afterBookId, page.limit],
  })
  return rows.map(({ book_id }) => book_id)
}

/** All rows of these books, by book and seq. */
export const rowsOfBooks = async (pool: Pool, bookIds: string[]): Promise<Entry['row'][]> => {
  const { rows } = await pool.query<EntryRow>({
    name: 'journal-rows',
    text: `SELECT ${entryColumns} FROM transactions t ${entryJoins}
           WHERE t.book_id = ANY($1::uuid[]) ORDER BY t.book_id, t.seq`,
    values: [bookIds],
  })
  return rows.map((row) => readEntry(row).row)
}

export interface KnownReader {
  /** When an address of theirs was first proved. */
  provedAt: string | undefined
  blocked: string[]
}

/** When this person proved who they are, and whose acts do not reach them. */
export const knownReader = async (pool: Pool, userId: string): Promise<KnownReader> => {
  const { rows } = await pool.query<{ proved_at: Date | null; blocked: string[] }>({
    name: 'journal-reader',
    text: `SELECT (SELECT min(verified_at) FROM contacts WHERE user_id = $1) AS proved_at,
             ARRAY(SELECT towards_id::text FROM relations WHERE user_id = $1 AND blocked) AS blocked`,
    values: [userId],
  })
  const [row] = rows
  return { provedAt: row?.proved_at?.toISOString(), blocked: row?.blocked ?? [] }
}

/** Those of these books in which the person took a free seat by an invitation. */
export const booksTaken = async (
  pool: Pool,
  userId: string,
  bookIds: string[],
): Promise<Set<string>> => {
  const { rows } = await pool.query<{ book_id: string }>({
    name: 'journal-books-taken',
    text: `SELECT book_id FROM invitations
           WHERE book_id = ANY($2::uuid[]) AND answered_by = $1 AND answer = 'accepted'`,
    values: [userId, bookIds],
  })
  return new Set(rows.map(({ book_id }) => book_id))
}
