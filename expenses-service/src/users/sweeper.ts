/** Forgets what is over: codes, sessions and counters, in small bounded deletes. */
import { sleep } from '@quits/kit/backoff'
import type { Log } from '@quits/kit/log'
import type { Pool } from '@quits/kit/postgres'
import type { Part } from '@quits/kit/run'

const pauseMs = 300_000
const batchRowsMax = 1_000
const batchesMax = 50

// A session that ended is kept for a day, so that its devices are told apart from strangers' tokens.
const doomed = [
  { table: 'codes', key: 'nonce_hash', over: `created_at < now() - interval '1 day'` },
  { table: 'sessions', key: 'id', over: `expires_at < now() - interval '1 day'` },
  { table: 'sessions', key: 'id', over: `revoked_at < now() - interval '1 day'` },
  { table: 'sign_in_limits', key: 'key', over: 'expire < extract(epoch FROM now()) * 1000' },
] as const

/** One round over all tables; the number of rows that left. */
export const sweep = async (pool: Pool, signal: AbortSignal): Promise<number> => {
  let removed = 0
  for (const { table, key, over } of doomed) {
    for (let batch = 0; batch < batchesMax && !signal.aborted; batch += 1) {
      const { rowCount } = await pool.query(
        `DELETE FROM ${table} WHERE ${key} IN (
           SELECT ${key} FROM ${table} WHERE ${over} LIMIT ${batchRowsMax} FOR UPDATE SKIP LOCKED)`,
      )
      removed += rowCount ?? 0
      if ((rowCount ?? 0) < batchRowsMax) break
    }
  }
  return removed
}

export const makeSweeper = (options: { pool: Pool; log: Log }): Part => ({
  name: 'sweeper',
  async run(signal) {
    while (!signal.aborted) {
      await sweep(options.pool, signal).then(
        (removed) => options.log.debug({ removed }, 'what is over was forgotten'),
        // The next round is soon enough: nobody waits for it.
        (error: unknown) => options.log.warn({ err: error }, 'what is over was not forgotten'),
      )
      await sleep(pauseMs, signal)
    }
  },
})
