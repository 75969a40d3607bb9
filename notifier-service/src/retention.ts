/**
 * Forgets notifications after their time. Removes only a prefix of a feed and never its newest row,
 * which carries the head (see `append.ts`). A run that dies half-way leaves a ragged prefix; readers
 * treat anything that is not dense as a gap, and the next run finishes it.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { Log } from '@quits/kit/log'
import type { Part } from '@quits/kit/run'
import type { Db } from 'mongodb'
import { type FeedRow, type FeedStore, rowsOf } from './feed-store.ts'

const dayMs = 86_400_000
const sweepEveryMs = 6 * 3_600_000
const rowsPerBatch = 500
/** The next sweep begins where one that met so many ended. */
const rowsPerSweepMax = 200_000
const rowsPerDeleteMax = 500

type Store = Pick<FeedStore, 'head' | 'range' | 'earliest'>

export interface Swept {
  removed: number
  /** Where the next sweep goes on; the beginning of time when this one met everything. */
  next: Date
}

/**
 * Removes rows stored from `from` on and before `cutoff`. Reads through one cursor: many rows have
 * the same time, so no time can mark the end of a page. Ends early when told to stop.
 */
export const sweep = async (
  database: Db,
  store: Store,
  span: { from: Date; cutoff: Date; rowsMax?: number },
  signal: AbortSignal,
): Promise<Swept> => {
  const { rowsMax = rowsPerSweepMax } = span
  const seen = new Set<string>()
  let met = 0
  let removed = 0
  let last = span.from
  const old = rowsOf(database)
    .find({ storedAt: { $gte: span.from, $lt: span.cutoff } })
    .sort({ storedAt: 1 })
    .limit(rowsMax)
    .batchSize(rowsPerBatch)
  for await (const row of old) {
    if (signal.aborted) break
    met += 1
    last = row.storedAt
    const feed = `${row.userId} ${row.epoch}`
    if (seen.has(feed)) continue
    seen.add(feed)
    removed += await shorten(database, store, row, span.cutoff)
  }
  return { removed, next: met < rowsMax ? new Date(0) : last }
}

/** Cuts the old prefix of one feed, oldest rows first, a bounded piece at a time. */
const shorten = async (database: Db, store: Store, feed: FeedRow, cutoff: Date) => {
  const { userId, epoch } = feed
  const head = await store.head(userId, { epoch, seq: feed.seq })
  if (head.epoch !== epoch) return removeFormer(database, feed, head.epoch, cutoff)
  let removed = 0
  for (let from = await store.earliest(userId, epoch); from < head.seq; ) {
    const piece = await store.range({ userId, epoch }, from - 1, from - 1 + rowsPerDeleteMax)
    const young = piece.find((row) => row.storedAt >= cutoff || row.seq === head.seq)
    const keepFrom = young?.seq ?? from + rowsPerDeleteMax
    const { deletedCount } = await rowsOf(database).deleteMany({
      userId,
      epoch,
      seq: { $gte: from, $lt: keepFrom },
    })
    removed += deletedCount
    if (young !== undefined) break
    from = keepFrom
  }
  return removed
}

/**
 * What is left of an epoch that a rebuilt feed has left behind, or of a rebuild that died before its
 * switch; nobody reads it. An epoch is the second in which its rebuild began: a late one may go on.
 */
const removeFormer = async (database: Db, feed: FeedRow, epochNow: number, cutoff: Date) => {
  const { userId, epoch } = feed
  if (epoch > epochNow && epoch * 1_000 >= cutoff.getTime()) return 0
  const former = { userId, epoch, storedAt: { $lt: cutoff } }
  return (await rowsOf(database).deleteMany(former)).deletedCount
}

/** Sweeps a few times a day. A failed sweep is tried again at the next turn. */
export const makeRetentionPart = (options: {
  database: Db
  store: Store
  indexed: Promise<void>
  retentionDays: number
  log: Log
}): Part => ({
  name: 'retention',
  async run(signal) {
    const aborted = new Promise<void>((resolve) => {
      if (signal.aborted) resolve()
      else signal.addEventListener('abort', () => resolve(), { once: true })
    })
    await Promise.race([options.indexed, aborted])
    let from = new Date(0)
    while (!signal.aborted) {
      const cutoff = new Date(Date.now() - options.retentionDays * dayMs)
      try {
        const swept = await sweep(options.database, options.store, { from, cutoff }, signal)
        from = swept.next
        if (swept.removed > 0) options.log.info(swept, 'old notifications removed')
      } catch (error) {
        options.log.warn({ err: error }, 'retention sweep failed')
      }
      await delay(sweepEveryMs, undefined, { signal }).catch(() => undefined)
    }
  },
})
