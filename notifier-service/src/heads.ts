/** Heads of the feeds that were written lately, so that most turns need not ask for them. */
import { scatteredMs } from '@quits/kit/backoff'
import { type BoundedCache, makeBoundedCache } from '@quits/kit/bounded-cache'
import type { Cursor } from '@quits/proto/feed'
import type { FeedStore } from './feed-store.ts'
import { inParallel } from './parallel.ts'

const usersMax = 50_000
/**
 * Far below any retention: a head so old that the rows above it were swept would let a number be
 * used again (see `append.ts`).
 */
export const headAgeMsMax = 600_000
const readsInFlightMax = 4

export type Heads = ReturnType<typeof makeHeads>

export const makeHeads = (options: { store: Pick<FeedStore, 'head'>; now: () => number }) => {
  // In a box, so that a head that moves takes no new place in the cache: it would leave garbage behind
  // with each row. Who was read first leaves first, and is read once more.
  const known: BoundedCache<{ head: Cursor }> = makeBoundedCache({
    entriesMax: usersMax,
    now: options.now,
  })
  // Those that were read together are not all read again together: each reading is a wait for ingest.
  const remember = (userId: string, head: Cursor) =>
    known.set(userId, { head }, scatteredMs(headAgeMsMax, Math.random()))
  return {
    /** The heads of these users, from memory or from the store. */
    async of(userIds: string[]): Promise<Map<string, Cursor>> {
      const pairs = await inParallel(userIds, readsInFlightMax, async (userId) => {
        const remembered = known.get(userId)
        if (remembered !== undefined) return [userId, remembered.head] as const
        const head = await options.store.head(userId)
        remember(userId, head)
        return [userId, head] as const
      })
      return new Map(pairs)
    },
    /** Call it only when a majority has the row at `head`. What is remembered grows no younger. */
    moved(userId: string, head: Cursor): void {
      const remembered = known.get(userId)
      if (remembered === undefined) remember(userId, head)
      else remembered.head = head
    },
    forget(userIds: Iterable<string>): void {
      for (const userId of userIds) known.delete(userId)
    },
  }
}
