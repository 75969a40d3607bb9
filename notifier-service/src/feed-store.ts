/**
 * What is said to MongoDB about feeds: one thing per function, only operations that MongoDB ≥ 4.4
 * and its stand-in both have. How rows get their numbers is told in `append.ts`.
 *
 * Every read here is a majority read from the primary: a row that a fail-over may still take back
 * must neither count as stored nor as somebody's head. Queries carry the whole prefix of an index
 * and, where they can, both ends of a range: the stand-in reads everything between them.
 */
import { backoffMs, reconnectBackoff, sleep } from '@quits/kit/backoff'
import type { Log } from '@quits/kit/log'
import type { Part } from '@quits/kit/run'
import { makeTurnBatch } from '@quits/kit/turn-batch'
import type { Cursor, Notification, StoredNotification } from '@quits/proto/feed'
import { type Collection, type Db, MongoBulkWriteError, MongoClient } from 'mongodb'
import type { Draft } from './notifications.ts'
import { chunksOf, inParallel } from './parallel.ts'

/** One notification in one person's feed. */
export interface FeedRow extends StoredNotification {
  /** `<userId>:<epoch>:<eventId>`: the same event can't be stored twice for one person. */
  _id: string
  userId: string
  epoch: number
  storedAt: Date
}

/** The epoch of a person whose feed was rebuilt; everybody else's is 1. */
export interface EpochRow {
  _id: string
  epoch: number
  /** When the feed was switched to it. */
  at: Date
}

/** The stand-in answers `$in` of 20 ids quickly and of 200 slowly. */
export const idsPerFindMax = 20
const findsInFlightMax = 4
/** More than a process has sockets. */
const epochsPendingMax = 50_000
const duplicateKey = 11_000

export const rowId = (userId: string, epoch: number, eventId: string) =>
  `${userId}:${epoch}:${eventId}`

/** A draft at its place. */
export const rowOf = (draft: Draft, place: Cursor, storedAt: Date): FeedRow => ({
  _id: rowId(draft.userId, place.epoch, draft.content.id),
  userId: draft.userId,
  epoch: place.epoch,
  seq: place.seq,
  ...draft.content,
  status: draft.status,
  storedAt,
})

/** What the reader may see of a row. */
export const notificationOf = (row: FeedRow): Notification => ({
  seq: row.seq,
  id: row.id,
  kind: row.kind,
  weight: row.weight,
  at: row.at,
  actor: row.actor,
  subject: row.subject,
  data: row.data,
  ...(row.muted === true ? { muted: true } : {}),
})

/** The connection, as a part: makes the indexes, again and again until MongoDB is there. */
export const makeMongo = (options: { url: string; database: string; log: Log }) => {
  const client = new MongoClient(options.url, {
    appName: 'quits-notifier',
    maxPoolSize: 16,
    serverSelectionTimeoutMS: 3_000,
    connectTimeoutMS: 3_000,
    socketTimeoutMS: 12_000,
    waitQueueTimeoutMS: 5_000,
    readPreference: 'primary',
    readConcern: { level: 'majority' },
    writeConcern: { w: 'majority', wtimeoutMS: 10_000 },
  })
  const database = client.db(options.database)
  const indexed = Promise.withResolvers<void>()
  let prepared = false

  const part: Part = {
    name: 'mongo',
    async run(signal) {
      for (let attempt = 0; !signal.aborted && !prepared; attempt += 1) {
        try {
          await makeIndexes(database)
          prepared = true
          indexed.resolve()
        } catch (error) {
          options.log.warn({ err: error, attempt }, 'MongoDB is not there yet')
          await sleep(backoffMs(reconnectBackoff, attempt, Math.random()), signal)
        }
      }
      await new Promise<void>((resolve) => {
        if (signal.aborted) resolve()
        else signal.addEventListener('abort', () => resolve(), { once: true })
      })
      await client.close()
    },
  }

  return {
    part,
    database,
    /** Resolves once the indexes exist. Nothing may be stored before: they are the referee. */
    indexed: indexed.promise,
    ready: async () => prepared && (await hasIndexes(database)),
  }
}

export const rowsOf = (database: Db): Collection<FeedRow> => database.collection('notifications')
const epochsOf = (database: Db): Collection<EpochRow> => database.collection('epochs')

const indexes: { key: Record<string, 1>; unique: boolean }[] = [
  { key: { userId: 1, epoch: 1, seq: 1 }, unique: true },
  { key: { userId: 1, epoch: 1, status: 1, seq: 1 }, unique: false },
  { key: { storedAt: 1 }, unique: false },
]

const makeIndexes = async (database: Db) => {
  for (const { key, unique } of indexes) {
    await rowsOf(database).createIndex(key, unique ? { unique } : {})
  }
}

/** Whether all of them stand, as they must be: without the referee numbers would come twice. */
const hasIndexes = async (database: Db): Promise<boolean> => {
  const standing = await rowsOf(database).indexes()
  return indexes.every(({ key, unique }) =>
    standing.some(
      (index) =>
        JSON.stringify(index.key) === JSON.stringify(key) && (index.unique === true) === unique,
    ),
  )
}

export type FeedStore = ReturnType<typeof makeFeedStore>

export const makeFeedStore = (database: Db) => {
  const rows = rowsOf(database)
  const epochs = epochsOf(database)

  // Everybody who comes back at once asks this: those of one turn ask together.
  const epochOf = makeTurnBatch<string, number>({
    lengthMax: idsPerFindMax,
    pendingMax: epochsPendingMax,
    async run(userIds) {
      const found = await epochs.find({ _id: { $in: [...new Set(userIds)] } }).toArray()
      const epochByUser = new Map(found.map(({ _id, epoch }) => [_id, epoch]))
      return userIds.map((userId) => epochByUser.get(userId) ?? 1)
    },
  })

  /** The newest place of a feed; seq 0 when it is empty. `known` is an earlier answer, if any. */
  const head = async (userId: string, known?: Cursor): Promise<Cursor> => {
    const epoch = await epochOf(userId)
    const from = known?.epoch === epoch ? known.seq : 0
    const newest = { userId, epoch, ...(from > 0 ? { seq: { $gte: from } } : {}) }
    const [row] = await rows.find(newest).sort({ seq: -1 }).limit(1).toArray()
    if (row === undefined && from > 0) return head(userId)
    return { epoch, seq: row?.seq ?? 0 }
  }

  return {
    head,
    /** The epoch that the feed is in. */
    epoch: epochOf,

    /** Which of these row ids exist. */
    async existing(ids: string[]): Promise<Set<string>> {
      const found = await inParallel(chunksOf(ids, idsPerFindMax), findsInFlightMax, (some) =>
        rows
          .find({ _id: { $in: some } })
          .project<{ _id: string }>({ _id: 1 })
          .toArray(),
      )
      return new Set(found.flat().map((row) => row._id))
    },

    /**
     * Inserts rows and tells the ones, as the objects they are, that were refused because their id
     * or their place is taken. `ordered` stops at the first of them, and the rest counts as refused.
     * Resolves after a majority has the rows; rejects when that is not known.
     */
    async insert(some: FeedRow[], ordered: boolean): Promise<Set<FeedRow>> {
      try {
        await rows.insertMany(some, { ordered })
        return new Set()
      } catch (error) {
        const refused = refusedIndexes(error)
        const first = Math.min(...refused)
        return new Set(some.filter((_, index) => (ordered ? index >= first : refused.has(index))))
      }
    },

    /** Rows with `after` < seq ≤ `upTo`, oldest first, in one answer. */
    range(place: { userId: string; epoch: number }, after: number, upTo: number) {
      const { userId, epoch } = place
      return rows
        .find({ userId, epoch, seq: { $gt: after, $lte: upTo } })
        .sort({ seq: 1 })
        .batchSize(Math.max(1, upTo - after) + 1)
        .toArray()
    },

    /** Feeds that were switched to another epoch from `at` on, by user. */
    async rebuiltSince(at: Date): Promise<Map<string, number>> {
      const found = await epochs.find({ at: { $gte: at } }).toArray()
      return new Map(found.map(({ _id, epoch }) => [_id, epoch]))
    },

    /** The oldest seq that is kept; 0 when there is none. */
    async earliest(userId: string, epoch: number): Promise<number> {
      const [row] = await rows.find({ userId, epoch }).sort({ seq: 1 }).limit(1).toArray()
      return row?.seq ?? 0
    },
  }
}

/** Positions that met a duplicate key. Any other failure is not ours to judge: thrown again. */
const refusedIndexes = (error: unknown): Set<number> => {
  if (!(error instanceof MongoBulkWriteError)) throw error
  const faults = Array.isArray(error.writeErrors) ? error.writeErrors : [error.writeErrors]
  const onlyDuplicates = faults.length > 0 && faults.every((fault) => fault.code === duplicateKey)
  if (!onlyDuplicates || error.result.getWriteConcernError() !== undefined) throw error
  return new Set(faults.map((fault) => fault.index))
}
