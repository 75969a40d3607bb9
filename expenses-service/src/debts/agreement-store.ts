/** How often one person said yes to another; standing consent is offered from the second time on. */
import type { Connection } from '@quits/kit/postgres'
import { limits } from '../limits.ts'

const offeredFrom = 2

/** True when `userId` agreed to at least two things of `otherId`, in debts that both share. */
export const isConsentOffered = async (
  reader: Pick<Connection, 'query'>,
  userId: string,
  otherId: string,
): Promise<boolean> => {
  // Answers are found by the index of what they resolve. Somebody joins among the first rows of a debt
  // or never, so no look goes through a whole history.
  const { rowCount } = await reader.query({
    name: 'agreements-of',
    text: `SELECT FROM memberships m
           JOIN participants other ON other.book_id = m.book_id AND other.user_id = $2
             AND other.seat = 'joined'
           CROSS JOIN LATERAL (
             (SELECT FROM transactions t WHERE t.book_id = m.book_id AND t.resolves IS NOT NULL
                AND t.kind = 'accepted' AND t.entered_by = $1 LIMIT $3)
             UNION ALL
             (SELECT FROM transactions t WHERE t.book_id = m.book_id AND t.seq <= $4
                AND t.kind = 'joined' AND t.entered_by = $1 LIMIT $3)
           ) AS yes
           WHERE m.user_id = $1 LIMIT $3`,
    values: [userId, otherId, offeredFrom, limits.rowsBeforeSeatMax + 1],
  })
  return rowCount === offeredFrom
}
