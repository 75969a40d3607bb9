/** Reads a debt's history, oldest first. */
import type { Connection } from '@quits/kit/postgres'
import type { Entry } from '../transactions/entry.ts'
import { type EntryRow, entryColumns, entryJoins, readEntry } from '../transactions/entry-store.ts'

const entriesPerPage = 500

/** Entries from one seq to another, both included. */
const entriesFrom = async (
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

/**
 * Entries page by page, up to the last row there was when the reading began: what is added meanwhile
 * does not make it endless. Each page is read when the one before it was taken.
 */
export async function* historyOf(
  reader: Pick<Connection, 'query'>,
  { bookId, afterSeq, lastSeq }: { bookId: string; afterSeq: number; lastSeq: number },
): AsyncGenerator<Entry[], void, undefined> {
  for (let fromSeq = afterSeq + 1; fromSeq <= lastSeq; fromSeq += entriesPerPage) {
    const toSeq = Math.min(lastSeq, fromSeq + entriesPerPage - 1)
    yield await entriesFrom(reader, { bookId, fromSeq, toSeq })
  }
}
