/** The rows beside a debt that took what was paid back too much. */
import type { Connection } from '@quits/kit/postgres'

/** It has the words of the debt it comes from, and is seen by the same people. */
export const addSurplusDebt = async (
  connection: Connection,
  debt: { bookId: string; fromBookId: string; createdAt: string; userIds: string[] },
): Promise<void> => {
  await connection.query({
    name: 'add-surplus-words',
    text: `INSERT INTO debt_words (book_id, description)
           SELECT $1, description FROM debt_words WHERE book_id = $2`,
    values: [debt.bookId, debt.fromBookId],
  })
  await connection.query({
    name: 'add-surplus-memberships',
    text: `INSERT INTO memberships (user_id, created_at, book_id, category)
           SELECT m.user_id, $3, $1, m.category FROM memberships m
           WHERE m.book_id = $2 AND m.user_id = ANY($4::uuid[])`,
    values: [debt.bookId, debt.fromBookId, debt.createdAt, debt.userIds],
  })
}
