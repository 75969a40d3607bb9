/** Everything two people wrote down between them, over all the debts they share, newest first. */
import type { Connection } from '@quits/kit/postgres'
import type { Entry } from '../transactions/entry.ts'
import { type EntryRow, entryColumns, entryJoins, readEntry } from '../transactions/entry-store.ts'

/** A line of the tab: the entry, and the debt it is in as the reader knows it. */
export interface TabLine {
  entry: Entry
  role: 'lender' | 'borrower'
  description: string
}

export interface TabPlace {
  at: string
  bookId: string
  seq: number
}

interface TabRow extends EntryRow {
  role: TabLine['role']
  description: string | null
}

/** Each debt gives its newest lines below the place by its own index; the page is the newest of those. */
export const tabOf = async (
  reader: Pick<Connection, 'query'>,
  asked: { userId: string; otherId: string; before: TabPlace | undefined; limit: number },
): Promise<TabLine[]> => {
  const { before } = asked
  const { rows } = await reader.query<TabRow>({
    name: 'tab-of',
    text: `SELECT line.*, me.role, d.description
           FROM memberships m
           JOIN participants me ON me.book_id = m.book_id AND me.user_id = m.user_id
           JOIN participants other ON other.book_id = m.book_id AND other.user_id = $2
             AND other.seat = 'joined'
           LEFT JOIN debt_words d ON d.book_id = m.book_id
           CROSS JOIN LATERAL (
             SELECT ${entryColumns} FROM transactions t ${entryJoins}
             WHERE t.book_id = m.book_id
               AND ($3::timestamptz IS NULL OR (t.at, t.book_id, t.seq) < ($3, $4::uuid, $5::int))
             ORDER BY t.seq DESC LIMIT $6
           ) AS line
           WHERE m.user_id = $1
           ORDER BY line.at DESC, line.book_id DESC, line.seq DESC LIMIT $6`,
    values: [
      asked.userId,
      asked.otherId,
      before?.at ?? null,
      before?.bookId ?? null,
      before?.seq ?? null,
      asked.limit,
    ],
  })
  return rows.map((row) => ({
    entry: readEntry(row),
    role: row.role,
    description: row.description ?? '',
  }))
}
