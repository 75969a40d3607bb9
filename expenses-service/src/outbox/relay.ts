/**
 * The relay: carries one outbox table to its broker. Pattern: read the oldest rows without a cursor,
 * send them as one batch, delete them after the ack; after a failure start again from the oldest.
 * So order per key holds, nothing is skipped, and a crash between ack and delete repeats rows under
 * their own ids. One relay per table at a time, by an advisory lock on the connection it works with.
 * Wake-ups are hints; the poll is the truth.
 */
import { backoffMs, sleep } from '@quits/kit/backoff'
import type { Log } from '@quits/kit/log'
import type { Connection, Pool } from '@quits/kit/postgres'
import type { Part } from '@quits/kit/run'

/** Carries one batch; resolves after the broker's ack. */
export type Carry = (connection: Connection) => Promise<Next>

/** When the next batch is read; `when woken`, or at the next poll, where nothing could be carried. */
export type Next = 'when woken' | 'at once' | Gathering

const pollMs = 500
const standbyMs = 2_000
/** Well within the time that a process has to stop. */
const lastRoundsMsMax = 5_000
const failureBackoff = { baseMs: 100, delayMsMax: 5_000 }

export type Relay = Part & { wake(): void }

/** Events wait for each other: for `restMs`, then for the next wake-up, at most for `companyMs`. */
export interface Gathering {
  restMs: number
  companyMs: number
}

/** `lockKey` names the table's leadership; `carry` does one batch. */
export const makeRelay = (options: {
  name: string
  pool: Pool
  lockKey: number
  carry: Carry
  log: Log
}): Relay => {
  let woken = false
  let rouse = () => {}

  /** Until somebody wakes it, which may be over already, or for so long. */
  const pause = async (signal: AbortSignal, msMax: number) => {
    if (!woken && !signal.aborted) {
      const roused = Promise.withResolvers<void>()
      rouse = roused.resolve
      const timer = setTimeout(rouse, msMax)
      await roused.promise
      clearTimeout(timer)
    }
    woken = false
  }

  const gather = async (signal: AbortSignal, { restMs, companyMs }: Gathering) => {
    await sleep(restMs, signal)
    // Those who came until now are waiting for company.
    woken = false
    await pause(signal, companyMs)
  }

  const lead = async (signal: AbortSignal) => {
    const connection = await options.pool.connect()
    // A leader whose connection is gone has lost its lock: it must not send any more.
    const lost = new AbortController()
    const onLost = () => lost.abort()
    connection.on('error', onLost)
    try {
      if (!(await takeLock(connection, options.lockKey))) return await sleep(standbyMs, signal)
      // A deletion that a crash of the database forgets repeats rows, as one that never came would.
      await connection.query('SET synchronous_commit = off')
      // A plan made while the table is nearly empty reads all of it, and goes on when it has grown.
      await connection.query('SET enable_seqscan = off')
      const stop = AbortSignal.any([signal, lost.signal])
      stop.addEventListener('abort', () => rouse())
      let lastRoundsUntilMs: number | undefined
      while (!lost.signal.aborted) {
        // The last rounds begin after the word to stop: what was committed before must not wait for
        // another leader, unless it is too much.
        if (signal.aborted) lastRoundsUntilMs ??= performance.now() + lastRoundsMsMax
        const next = await options.carry(connection)
        if (lastRoundsUntilMs !== undefined) {
          if (next === 'at once' && performance.now() < lastRoundsUntilMs) continue
          break
        }
        if (next === 'when woken') await pause(stop, pollMs)
        else if (next !== 'at once') await gather(stop, next)
      }
    } finally {
      connection.off('error', onLost)
      // Closing the connection gives the lock up, whatever state it is in.
      connection.release(true)
    }
  }

  return {
    name: options.name,
    wake() {
      woken = true
      rouse()
    },
    async run(signal) {
      for (let attempt = 0; !signal.aborted; attempt += 1) {
        const startedAt = Date.now()
        try {
          await lead(signal)
          attempt = 0
        } catch (error) {
          if (Date.now() - startedAt > failureBackoff.delayMsMax) attempt = 0
          options.log.warn({ err: error, attempt }, `${options.name} failed; it starts again`)
          await sleep(backoffMs(failureBackoff, attempt, Math.random()) + 50, signal)
        }
      }
    },
  }
}

const takeLock = async (connection: Connection, lockKey: number): Promise<boolean> => {
  const { rows } = await connection.query<{ taken: boolean }>(
    'SELECT pg_try_advisory_lock($1) AS taken',
    [lockKey],
  )
  return rows[0]?.taken ?? false
}
