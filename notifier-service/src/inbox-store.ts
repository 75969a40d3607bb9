/**
 * What people do with their notifications, said to MongoDB: pages, marks and counts.
 *
 * A status only moves forward (unseen, seen, read, archived). A mark updates the lower statuses one
 * after the other, lowest first: a row that a rival mark lifts meanwhile is met again one step on.
 * One status per query, because the stand-in answers `$in` on such an index in seconds.
 */
import type {
  Counts,
  Cursor,
  MarkStatus,
  NotificationGroup,
  StoredNotification,
} from '@quits/proto/feed'
import type { Db, Filter as Selection } from 'mongodb'
import {
  type FeedRow,
  type FeedStore,
  idsPerFindMax,
  notificationOf,
  rowId,
  rowsOf,
} from './feed-store.ts'
import { groupOf, linesOf } from './groups.ts'
import { chunksOf, inParallel } from './parallel.ts'

/** Which notifications a mark means. */
export type Marked = { ids: string[] } | { upTo: number }

/** What a page is about; an empty one is about everything. */
interface Filter {
  person?: string
  debt?: string
  kind?: string
  status?: StoredNotification['status'] | 'unread' | 'inbox'
}
/** At most `limit` things at or below seq `upTo`, newest first. */
export interface PageWish {
  upTo: number
  limit: number
  filter: Filter
}
/** `below` is where the next page begins; undefined when there is none. */
export interface Page<T> {
  items: T[]
  below: number | undefined
}
interface Place {
  userId: string
  epoch: number
}

const lowerStatuses: Record<MarkStatus, StoredNotification['status'][]> = {
  seen: ['unseen'],
  read: ['unseen', 'seen'],
  archived: ['unseen', 'seen', 'read'],
}
const findsInFlightMax = 4
const rowsPerUpdateMax = 500
const rowsPerGroupedRead = 100
const groupedRowsMax = 500

export type InboxStore = ReturnType<typeof makeInboxStore>

export const makeInboxStore = (database: Db, store: Pick<FeedStore, 'range'>) => {
  const rows = rowsOf(database)

  /** Pieces of everything up to a seq: no update may hold up what is stored meanwhile for long. */
  const piecesUpTo = async (
    { userId, epoch }: Place,
    upTo: number,
    status: StoredNotification['status'],
  ): Promise<Selection<FeedRow>[]> => {
    const [lowest] = await rows
      .find({ userId, epoch, status, seq: { $lte: upTo } })
      .project<{ seq: number }>({ seq: 1 })
      .sort({ seq: 1 })
      .limit(1)
      .toArray()
    const after = lowest === undefined ? upTo : lowest.seq - 1
    return Array.from({ length: Math.ceil((upTo - after) / rowsPerUpdateMax) }, (_, index) => {
      const from = after + index * rowsPerUpdateMax
      return { userId, epoch, seq: { $gt: from, $lte: Math.min(upTo, from + rowsPerUpdateMax) } }
    })
  }

  const selections = async (
    place: Place,
    marked: Marked,
    lower: StoredNotification['status'],
  ): Promise<Selection<FeedRow>[]> =>
    'upTo' in marked
      ? piecesUpTo(place, marked.upTo, lower)
      : chunksOf(marked.ids, idsPerFindMax).map((ids) => ({
          _id: { $in: ids.map((id) => rowId(place.userId, place.epoch, id)) },
        }))

  const page = async (place: Place, wish: PageWish): Promise<Page<StoredNotification>> => {
    const { upTo, limit, filter } = wish
    if (Object.keys(filter).length === 0) {
      // Seqs are dense, so a page is a range with two ends.
      const found = await store.range(place, Math.max(0, upTo - limit), upTo)
      return pageOf(found.toReversed(), limit)
    }
    const { userId, epoch } = place
    const found = await Promise.all(
      criteriaOf(filter).map((criteria) =>
        rows
          .find({ userId, epoch, seq: { $lte: upTo }, ...criteria })
          .sort({ seq: -1 })
          .limit(limit)
          .toArray(),
      ),
    )
    const newestFirst = found.flat().toSorted((one, other) => other.seq - one.seq)
    return pageOf(newestFirst.slice(0, limit), limit)
  }

  return {
    /** Lifts the marked rows of this user to `status`; rows that are further on stay. */
    async mark(place: Place, marked: Marked, status: MarkStatus): Promise<void> {
      for (const lower of lowerStatuses[status]) {
        // One after the other: between two of them others have their turn.
        for (const selection of await selections(place, marked, lower)) {
          await rows.updateMany({ ...selection, status: lower }, { $set: { status } })
        }
      }
    },

    /** Exact counts of everything up to `head`. */
    async counts(userId: string, head: Cursor): Promise<Counts> {
      const found = await rows
        .aggregate<{ _id: string; count: number }>([
          // Only these two sort at or behind `seen`. As one range they are one walk along the index;
          // with a second range beside it the stand-in reads everything that the person has.
          { $match: { userId, epoch: head.epoch, status: { $gte: 'seen' } } },
          { $match: { seq: { $lte: head.seq } } },
          { $group: { _id: '$status', count: { $sum: 1 } } },
        ])
        .toArray()
      const countOf = (wanted: StoredNotification['status']) =>
        found.find(({ _id }) => _id === wanted)?.count ?? 0
      const unseen = countOf('unseen')
      return { unseen, unread: unseen + countOf('seen') }
    },

    page,

    /** What stands with `after` < seq ≤ `upTo`, oldest first; what is missing is passed over. */
    async range(place: Place, after: number, upTo: number): Promise<StoredNotification[]> {
      return (await store.range(place, after, upTo)).map(storedOf)
    },

    /** The same, where several that say one thing about one subject share a line. */
    async groupedPage(place: Place, wish: PageWish): Promise<Page<NotificationGroup>> {
      const items: StoredNotification[] = []
      let below: number | undefined = wish.upTo + 1
      let gathered = linesOf(items, wish.limit)
      while (
        below !== undefined &&
        items.length < groupedRowsMax &&
        gathered.taken === items.length
      ) {
        const read: Page<StoredNotification> = await page(place, {
          ...wish,
          upTo: below - 1,
          limit: rowsPerGroupedRead,
        })
        items.push(...read.items)
        below = read.below
        gathered = linesOf(items, wish.limit)
      }
      const { lines, taken } = gathered
      const hasMore = below !== undefined || taken < items.length
      return { items: lines.map(groupOf), below: hasMore ? items[taken - 1]?.seq : undefined }
    },

    /** Exactly these, newest first; ids that name nothing of this person are left out. */
    async named(place: Place, ids: string[]): Promise<Page<StoredNotification>> {
      const rowIds = ids.map((id) => rowId(place.userId, place.epoch, id))
      const found = await inParallel(chunksOf(rowIds, idsPerFindMax), findsInFlightMax, (some) =>
        rows.find({ _id: { $in: some } }).toArray(),
      )
      const items = found.flat().toSorted((one, other) => other.seq - one.seq)
      return { items: items.map(storedOf), below: undefined }
    },
  }
}

const severalStatuses: Partial<Record<string, StoredNotification['status'][]>> = {
  unread: ['unseen', 'seen'],
  inbox: ['unseen', 'seen', 'read'],
}

/** One status per query, for the reason above. */
const criteriaOf = ({ person, debt, kind, status }: Filter): Record<string, string>[] => {
  const common = {
    ...(person === undefined ? {} : { actor: person }),
    ...(debt === undefined ? {} : { 'subject.id': debt }),
    ...(kind === undefined ? {} : { kind }),
  }
  if (status === undefined) return [common]
  return (severalStatuses[status] ?? [status]).map((each) => ({ ...common, status: each }))
}

const storedOf = (row: FeedRow): StoredNotification => ({
  ...notificationOf(row),
  status: row.status,
})

const pageOf = (found: FeedRow[], limit: number): Page<StoredNotification> => {
  const last = found.at(-1)
  const hasMore = last !== undefined && last.seq > 1 && found.length === limit
  return { items: found.map(storedOf), below: hasMore ? last.seq : undefined }
}
