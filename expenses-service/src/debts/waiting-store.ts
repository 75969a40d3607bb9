/** Reads what of a debt waits for its reader's word. */
import type { Connection } from '@quits/kit/postgres'
import type { Entry } from '../transactions/entry.ts'
import { type EntryRow, entryColumns, entryJoins, readEntry } from '../transactions/entry-store.ts'

/** A page of what waits for `userId` in a book, newest first, below `beforeSeq`. */
export const entriesWaitingFor = async (
  reader: Pick<Connection, 'query'>,
  userId: string,
  page: { bookId: string; beforeSeq: number; limit: number },
): Promise<Entry[]> => {
  const { rows } = await reader.query<EntryRow>({
    name: 'entries-waiting',
    text: `SELECT ${entryColumns} FROM transactions t ${entryJoins}
           WHERE t.book_id = $1 AND t.seq < $2 AND t.status = 'pending' AND a.seq IS NULL
             AND t.entered_by <> $4 AND b.pending_count > 0
           ORDER BY t.seq DESC LIMIT $3`,
    values: [page.bookId, page.beforeSeq, page.limit, userId],
  })
  return rows.map(readEntry)
}
