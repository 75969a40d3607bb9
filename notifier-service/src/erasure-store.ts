/** What is said to MongoDB when somebody's account is gone. */
import type { Db } from 'mongodb'
import { type EpochRow, rowsOf } from './feed-store.ts'

const seqsPerDelete = 500

export type ErasureStore = ReturnType<typeof makeErasureStore>

export const makeErasureStore = (database: Db) => {
  const rows = rowsOf(database)
  const epochs = database.collection<EpochRow>('epochs')

  return {
    /**
     * Removes every row of this user in every epoch, a bounded piece at a time, and tells how many
     * they were. Ends because each piece begins at the lowest row there is; safe to repeat.
     */
    async removeRows(userId: string): Promise<number> {
      let removed = 0
      for (;;) {
        const lowest = await rows.findOne({ userId }, { sort: { epoch: 1, seq: 1 } })
        if (lowest === null) return removed
        const { epoch, seq } = lowest
        const piece = { userId, epoch, seq: { $gte: seq, $lt: seq + seqsPerDelete } }
        removed += (await rows.deleteMany(piece)).deletedCount
      }
    },

    async removeEpoch(userId: string): Promise<void> {
      await epochs.deleteOne({ _id: userId })
    },
  }
}
