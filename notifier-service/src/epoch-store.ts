/** What a rebuild says to MongoDB: whole feeds, and the switch from one epoch to the next. */
import type { Cursor } from '@quits/proto/feed'
import { type Db, MongoServerError } from 'mongodb'
import { type EpochRow, type FeedRow, type FeedStore, rowsOf } from './feed-store.ts'

const rowsPerRead = 500
const duplicateKey = 11_000
/** Each is of a rebuild that died after its switch, or of a notifier that did not know of one for long. */
const formerMax = 100

export type EpochStore = ReturnType<typeof makeEpochStore>

export const makeEpochStore = (database: Db, store: Pick<FeedStore, 'range' | 'earliest'>) => {
  const rows = rowsOf(database)
  const epochs = database.collection<EpochRow>('epochs')

  return {
    /** All rows with `after` < seq ≤ `upTo`, in order; what is missing is passed over. */
    async *rowsFrom(
      place: { userId: string; epoch: number },
      after: number,
      upTo: number,
    ): AsyncGenerator<FeedRow> {
      const earliest = await store.earliest(place.userId, place.epoch)
      for (let from = Math.max(after, earliest - 1); from < upTo; from += rowsPerRead) {
        yield* await store.range(place, from, Math.min(upTo, from + rowsPerRead))
      }
    },

    /** Former epochs of which something is left, newest first, each with the newest place in it. */
    async former(userId: string, epoch: number): Promise<Cursor[]> {
      const found: Cursor[] = []
      for (let below = epoch; found.length < formerMax; ) {
        const [row] = await rows
          .find({ userId, epoch: { $lt: below } })
          .sort({ epoch: -1, seq: -1 })
          .limit(1)
          .toArray()
        if (row === undefined) break
        found.push({ epoch: row.epoch, seq: row.seq })
        below = row.epoch
      }
      return found
    },

    count: (userId: string, epoch: number) => rows.countDocuments({ userId, epoch }),

    /** True when the feed is at `epoch` now; false when it has gone further meanwhile. */
    async switchTo(userId: string, epoch: number, at: Date): Promise<boolean> {
      const former = { _id: userId, epoch: { $lt: epoch } }
      const { matchedCount } = await epochs.updateOne(former, { $set: { epoch, at } })
      if (matchedCount === 1) return true
      try {
        await epochs.insertOne({ _id: userId, epoch, at })
        return true
      } catch (error) {
        if (error instanceof MongoServerError && error.code === duplicateKey) return false
        throw error
      }
    },

    /** Removes an epoch that the feed was never switched to. */
    async remove(userId: string, epoch: number): Promise<void> {
      await rows.deleteMany({ userId, epoch })
    },

    /** Removes what this user has in former epochs; a later one may be being filled. */
    async removeBelow(userId: string, epoch: number): Promise<void> {
      await rows.deleteMany({ userId, epoch: { $lt: epoch } })
    },
  }
}
