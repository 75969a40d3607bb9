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
const rowsPerLookMax = 500
const looksPerSweepMax = 2_000
const rowsPerDeleteMax = 500

type Store = Pick<FeedStore, 'head' | 'range' | 'earliest'>

/** Removes rows stored before `cutoff`; returns how many. Ends early when told to stop. */
export const sweep = async (
  database: Db,
  store: Store,
  cutoff: Date,
  signal: AbortSignal,
): Promise<number> => {
  const rows = rowsOf(database)
  let removed = 0
  let after = new Date(0)
  for (let look = 0; look < looksPerSweepMax && !signal.aborted; look += 1) {
    const old = await rows
      .find({ storedAt: { $gt: after, $lt: cutoff } })
      .sort({ storedAt: 1 })
      .limit(rowsPerLookMax)
      .toArray()
    const feeds = new Map(old.map((row) => [`${row.userId} ${row.epoch}`, row]))
    for (const feed of feeds.values()) removed += await shorten(database, store, feed, cutoff)
    after = old.at(-1)?.storedAt ?? after
    if (old.length < rowsPerLookMax) break
  }
  return removed
}

/** Cuts the old prefix of one feed, oldest rows first, a bounded piece at a time. */
const shorten = async (database: Db, store: Store, feed: FeedRow, cutoff: Date) => {
  const { userId, epoch } = feed
  const head = await store.head(userId, { epoch, seq: feed.seq })
  if (head.epoch !== epoch) return 0
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
    while (!signal.aborted) {
      const cutoff = new Date(Date.now() - options.retentionDays * dayMs)
      try {
        const removed = await sweep(options.database, options.store, cutoff, signal)
        if (removed > 0) options.log.info({ removed }, 'old notifications removed')
      } catch (error) {
        options.log.warn({ err: error }, 'retention sweep failed')
      }
      await delay(sweepEveryMs, undefined, { signal }).catch(() => undefined)
    }
  },
})
