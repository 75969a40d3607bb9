/** Reads journals for their readers: whose books there are, how each began, and its rows by the page. */
import type { Pool } from '@quits/kit/postgres'
import { type EntryRow, entryColumns, entryJoins, readEntry } from '../transactions/entry-store.ts'
import type { Beginning, JournalRow } from './journal-events.ts'

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

/** How each of these books began, by its id. */
export const beginningsOf = async (
  pool: Pool,
  userId: string,
  bookIds: string[],
): Promise<Map<string, Beginning>> => {
  const { rows } = await pool.query<{
    book_id: string
    status: Beginning['status']
    answer_seq: number | null
    answer_kind: string | null
    taken_seq: number | null
  }>({
    name: 'journal-beginnings',
    text: `SELECT t.book_id, t.status, a.seq AS answer_seq, a.kind AS answer_kind,
             CASE WHEN EXISTS (SELECT FROM invitations i WHERE i.book_id = t.book_id
               AND i.answered_by = $2 AND i.answer = 'accepted')
             THEN (SELECT mine.seq FROM transactions mine WHERE mine.book_id = t.book_id
               AND mine.entered_by = $2 ORDER BY mine.seq LIMIT 1) END AS taken_seq
           FROM transactions t
           LEFT JOIN transactions a ON a.book_id = t.book_id AND a.resolves = 1
           WHERE t.book_id = ANY($1::uuid[]) AND t.seq = 1`,
    values: [bookIds, userId],
  })
  return new Map(
    rows.map((row) => [
      row.book_id,
      {
        status: row.status,
        answer:
          row.answer_seq === null || row.answer_kind === null
            ? undefined
            : { seq: row.answer_seq, kind: row.answer_kind },
        takenSeq: row.taken_seq ?? undefined,
      },
    ]),
  )
}

export interface JournalPage {
  bookIds: string[]
  /** RFC 3339: from ≤ the row's time < to. */
  from: string
  to: string
  after: { bookId: string; seq: number }
  limit: number
}

/** Rows of these books in the span, by book and seq. */
export const rowsInSpan = async (pool: Pool, page: JournalPage): Promise<JournalRow[]> => {
  const { rows } = await pool.query<EntryRow & { before_minor: bigint | null }>({
    name: 'journal-rows',
    text: `SELECT ${entryColumns}, before.balance_minor AS before_minor
           FROM transactions t ${entryJoins}
           LEFT JOIN transactions before ON before.book_id = t.book_id AND before.seq = t.seq - 1
           WHERE t.book_id = ANY($1::uuid[]) AND (t.book_id, t.seq) > ($2::uuid, $3::int)
             AND t.at >= $4::timestamptz AND t.at < $5::timestamptz
           ORDER BY t.book_id, t.seq LIMIT $6`,
    values: [page.bookIds, page.after.bookId, page.after.seq, page.from, page.to, page.limit],
  })
  return rows.map((row) => ({ ...readEntry(row).row, beforeMinor: row.before_minor ?? undefined }))
}

/** When this person first proved an address of theirs; RFC 3339. */
export const provedSince = async (pool: Pool, userId: string): Promise<string | undefined> => {
  const { rows } = await pool.query<{ proved_at: Date | null }>({
    name: 'journal-reader',
    text: 'SELECT min(verified_at) AS proved_at FROM contacts WHERE user_id = $1',
    values: [userId],
  })
  return rows[0]?.proved_at?.toISOString()
}
