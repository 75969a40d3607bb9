/** The table of sends and the suppressions: one thing said to Postgres per function. */
import { createHash } from 'node:crypto'
import type { Pool } from '@quits/kit/postgres'

export type Ending = 'failed' | 'expired' | 'suppressed'

export type Store = ReturnType<typeof makeStore>

/** SHA-256 of the address in lower case, as the suppressions hold it. */
export const addressHash = (address: string): Buffer =>
  createHash('sha256').update(address.toLowerCase()).digest()

export const makeStore = (pool: Pool) => ({
  /**
   * Claims the job for a try. `already-sent` when an earlier try was recorded as sent: then it must
   * not be sent again. Anything else may be tried anew; after a crash nobody knows whether SES had
   * taken it, and a repeat of the same code is better than none.
   */
  async claim(jobId: string, template: string): Promise<'claimed' | 'already-sent'> {
    const { rowCount } = await pool.query(
      `INSERT INTO mail.sends AS s (job_id, template, status, attempts)
       VALUES ($1, $2, 'claimed', 1)
       ON CONFLICT (job_id) DO UPDATE
         SET status = 'claimed', reason = NULL, attempts = s.attempts + 1, claimed_at = now()
         WHERE s.status <> 'sent'`,
      [jobId, template],
    )
    return rowCount === 1 ? 'claimed' : 'already-sent'
  },

  async isSuppressed(address: string): Promise<boolean> {
    const { rows } = await pool.query('SELECT FROM mail.suppressions WHERE address_hash = $1', [
      addressHash(address),
    ])
    return rows.length > 0
  },

  async recordSent(jobId: string, sesMessageId: string): Promise<void> {
    await pool.query(
      `UPDATE mail.sends SET status = 'sent', ses_message_id = $2, sent_at = now()
       WHERE job_id = $1`,
      [jobId, sesMessageId],
    )
  },

  /** How a job ended without being sent. Never overwrites a send. */
  async recordEnd(jobId: string, template: string, ending: Ending, reason?: string): Promise<void> {
    await pool.query(
      `INSERT INTO mail.sends AS s (job_id, template, status, reason) VALUES ($1, $2, $3, $4)
       ON CONFLICT (job_id) DO UPDATE SET status = excluded.status, reason = excluded.reason
         WHERE s.status <> 'sent'`,
      [jobId, template, ending, reason],
    )
  },

  /** Removes up to `rowsMax` sends older than `days`; returns how many went. */
  async removeOlderThan(days: number, rowsMax: number): Promise<number> {
    const { rowCount } = await pool.query(
      `DELETE FROM mail.sends WHERE job_id IN (
         SELECT job_id FROM mail.sends WHERE claimed_at < now() - make_interval(days => $1)
         ORDER BY claimed_at LIMIT $2)`,
      [days, rowsMax],
    )
    return rowCount ?? 0
  },

  /** Throws while the table cannot be asked. */
  async check(): Promise<boolean> {
    await pool.query('SELECT FROM mail.sends LIMIT 1')
    return true
  },
})
