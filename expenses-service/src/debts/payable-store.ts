/** Finds the debts that one payment between two people concerns. */
import type { Connection } from '@quits/kit/postgres'

export interface Found {
  bookId: string
  dueOn: string | undefined
}

/**
 * Open debts with something owed, in which the other one agreed to be; by id. Bounded: one more than
 * `debtsMax` tells that there are too many.
 */
export const payableDebts = async (
  reader: Pick<Connection, 'query'>,
  between: { userId: string; otherId: string; currency: string },
  debtsMax: number,
): Promise<Found[]> => {
  const { rows } = await reader.query<{ book_id: string; due_on: string | null }>({
    name: 'payable-debts',
    text: `SELECT m.book_id, d.due_on FROM memberships m
           JOIN participants me ON me.book_id = m.book_id AND me.user_id = m.user_id
           JOIN participants other ON other.book_id = m.book_id AND other.no <> me.no
             AND other.user_id = $2 AND other.seat = 'joined'
           JOIN books b ON b.book_id = m.book_id AND b.currency = $3 AND b.status = 'open'
           LEFT JOIN debt_words d ON d.book_id = m.book_id
           WHERE m.user_id = $1 ORDER BY m.book_id LIMIT $4`,
    values: [between.userId, between.otherId, between.currency, debtsMax + 1],
  })
  return rows.map(({ book_id, due_on }) => ({ bookId: book_id, dueOn: due_on ?? undefined }))
}
