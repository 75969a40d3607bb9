/** Reads a stretch of a debt's history, oldest first. */
import type { Connection } from '@quits/kit/postgres'
import type { Entry } from '../transactions/entry.ts'
import { type EntryRow, entryColumns, entryJoins, readEntry } from '../transactions/entry-store.ts'

/** Entries from one seq to another, both included. */
export const entriesFrom = async (
  reader: Pick<Connection, 'query'>,
  stretch: { bookId: string; fromSeq: number; toSeq: number },
): Promise<Entry[]> => {
  const { rows } = await reader.query<EntryRow>({
    name: 'entries-from',
    text: `SELECT ${entryColumns} FROM transactions t ${entryJoins}
           WHERE t.book_id = $1 AND t.seq BETWEEN $2 AND $3 ORDER BY t.seq`,
    values: [stretch.bookId, stretch.fromSeq, stretch.toSeq],
  })
  return rows.map(readEntry)
}
