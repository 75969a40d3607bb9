/** When somebody blocked whom: rows that the journal is read by, long after a block has ended. */
import type { Connection, Pool } from '@quits/kit/postgres'
import type { Block } from './block.ts'

/** Books that both of them see. */
export const sharedBooks = async (
  reader: Pick<Pool, 'query'>,
  userId: string,
  otherId: string,
): Promise<string[]> => {
  const { rows } = await reader.query<{ book_id: string }>({
    name: 'shared-books',
    text: `SELECT m.book_id FROM memberships m
           JOIN participants other ON other.book_id = m.book_id AND other.user_id = $2
           WHERE m.user_id = $1`,
    values: [userId, otherId],
  })
  return rows.map(({ book_id }) => book_id)
}

/**
 * Begins a block, or ends it; repeating it changes nothing. The caller holds the locks of the shared
 * books, so each row of them was written before this instant or will be after it. Rows know the time to
 * the millisecond: the block begins with the next one, and no lock is let go before that has come.
 */
export const saveBlockSpan = async (
  connection: Connection,
  userId: string,
  towardsId: string,
  blocked: boolean,
): Promise<void> => {
  const next = `date_trunc('milliseconds', clock_timestamp()) + interval '1 ms'`
  const { rowCount } = await connection.query({
    name: blocked ? 'begin-block' : 'end-block',
    text: blocked
      ? `INSERT INTO blocks (user_id, towards_id, from_at) VALUES ($1, $2, ${next})
         ON CONFLICT (user_id, towards_id) WHERE until_at IS NULL DO NOTHING`
      : `UPDATE blocks SET until_at = ${next}
         WHERE user_id = $1 AND towards_id = $2 AND until_at IS NULL`,
    values: [userId, towardsId],
  })
  if (rowCount === 1) await connection.query('SELECT pg_sleep(0.001)')
}

/** All blocks that this person ever had, of whomever. */
export const blocksOf = async (reader: Pick<Pool, 'query'>, userId: string): Promise<Block[]> => {
  const { rows } = await reader.query<{
    towards_id: string
    from_at: Date
    until_at: Date | null
  }>({
    name: 'blocks-of',
    text: 'SELECT towards_id, from_at, until_at FROM blocks WHERE user_id = $1',
    values: [userId],
  })
  return rows.map(({ towards_id, from_at, until_at }) => ({
    towardsId: towards_id,
    fromAt: from_at.toISOString(),
    untilAt: until_at?.toISOString(),
  }))
}
