/**
 * What people do with their notifications, said to MongoDB: pages, marks and counts.
 *
 * A status only moves forward (unseen, seen, read, archived). A mark updates the lower statuses one
 * after the other, lowest first: a row that a rival mark lifts meanwhile is met again one step on.
 * One status per query, because the stand-in answers `$in` on such an index in seconds.
 */
import type { Counts, Cursor, MarkStatus, StoredNotification } from '@quits/proto/feed'
import type { Db } from 'mongodb'
import {
  type FeedRow,
  type FeedStore,
  idsPerFindMax,
  notificationOf,
  rowId,
  rowsOf,
} from './feed-store.ts'
import { chunksOf, inParallel } from './parallel.ts'

/** Which notifications a mark means. */
export type Marked = { ids: string[] } | { upTo: number }

const lowerStatuses: Record<MarkStatus, StoredNotification['status'][]> = {
  seen: ['unseen'],
  read: ['unseen', 'seen'],
  archived: ['unseen', 'seen', 'read'],
}
const updatesInFlightMax = 4

export type InboxStore = ReturnType<typeof makeInboxStore>

export const makeInboxStore = (database: Db, store: Pick<FeedStore, 'range'>) => {
  const rows = rowsOf(database)

  const selections = (userId: string, epoch: number, marked: Marked) =>
    'upTo' in marked
      ? [{ userId, epoch, seq: { $lte: marked.upTo } }]
      : chunksOf(marked.ids, idsPerFindMax).map((ids) => ({
          _id: { $in: ids.map((id) => rowId(userId, epoch, id)) },
        }))

  return {
    /** Lifts the marked rows of this user to `status`; rows that are further on stay. */
    async mark(
      place: { userId: string; epoch: number },
      marked: Marked,
      status: MarkStatus,
    ): Promise<void> {
      for (const lower of lowerStatuses[status]) {
        await inParallel(
          selections(place.userId, place.epoch, marked),
          updatesInFlightMax,
          async (selection) =>
            (await rows.updateMany({ ...selection, status: lower }, { $set: { status } }))
              .matchedCount,
        )
      }
    },

    /** Exact counts of everything up to `head`. */
    async counts(userId: string, head: Cursor): Promise<Counts> {
      const count = (status: StoredNotification['status']) =>
        rows.countDocuments({ userId, epoch: head.epoch, status, seq: { $lte: head.seq } })
      const [unseen, seen] = await Promise.all([count('unseen'), count('seen')])
      return { unseen, unread: unseen + seen }
    },

    /** At most `limit` notifications with seq ≤ `upTo`, newest first. */
    async page(
      place: { userId: string; epoch: number },
      upTo: number,
      limit: number,
    ): Promise<StoredNotification[]> {
      // Seqs are dense, so a page is a range with two ends.
      const found = await store.range(place, Math.max(0, upTo - limit), upTo)
      return found.toReversed().map(storedOf)
    },
  }
}

const storedOf = (row: FeedRow): StoredNotification => ({
  ...notificationOf(row),
  status: row.status,
})
