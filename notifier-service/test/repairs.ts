/** What repairs a feed, on real MongoDB and a journal for tests. */
import { randomUUID } from 'node:crypto'
import type { BookEvent } from '@quits/proto/books'
import { afterAll, beforeAll } from 'vitest'
import { makeAppend } from '../src/append.ts'
import { type EpochStore, makeEpochStore } from '../src/epoch-store.ts'
import { makeErasureStore } from '../src/erasure-store.ts'
import {
  type FeedRow,
  type FeedStore,
  makeFeedStore,
  makeMongo,
  rowsOf,
} from '../src/feed-store.ts'
import { makeHeads } from '../src/heads.ts'
import { makeInboxStore } from '../src/inbox-store.ts'
import { makeJournal } from '../src/journal.ts'
import { notificationsOf } from '../src/notifications.ts'
import { makeMark } from '../src/mark.ts'
import { makePreferenceStore } from '../src/preference-store.ts'
import { makeRebuild } from '../src/rebuild.ts'
import { makeReconcile } from '../src/reconcile.ts'
import { type Bench, log, makeBench, runParts } from './bench.ts'
import { startJournal } from './journal.ts'

const retentionMs = 400 * 86_400_000

export const upTo = (count: number, from = 1) => Array.from({ length: count }, (_, i) => from + i)
export const ids = (events: { id: string }[]) => events.map(({ id }) => id)
export const pair = () => ({ lender: randomUUID(), borrower: randomUUID() })

/** Call it at the top of the file; what it returns works inside tests. */
export const useRepairs = () => {
  let bench: Bench
  let mongo: ReturnType<typeof makeMongo>
  let stopMongo: () => Promise<void>
  let ledger: Awaited<ReturnType<typeof startJournal>>
  let journal: ReturnType<typeof makeJournal>

  beforeAll(async () => {
    bench = await makeBench()
    mongo = makeMongo({ url: bench.env.MONGO_URL, database: bench.prefix, log })
    stopMongo = runParts([mongo.part])
    await mongo.indexed
    ledger = await startJournal()
    journal = makeJournal(ledger.address)
  })
  afterAll(async () => {
    journal.close()
    await ledger.stop()
    await stopMongo()
    await bench.stop()
  })

  const rows = () => rowsOf(mongo.database)
  const realAppend = (
    store: FeedStore = makeFeedStore(mongo.database),
    more: { switchesHoldMs?: number } = {},
  ) => makeAppend({ store, heads: makeHeads({ store, now: Date.now }), now: Date.now, ...more })

  return {
    bench: () => bench,
    database: () => mongo.database,
    journal: () => journal,
    /** What the journal has. */
    ledger: () => ledger.state,
    rows,
    realAppend,
    append: (events: BookEvent[]) => realAppend()(events.flatMap(notificationsOf)),
    /** The real store, with something of one's own in it. */
    storeWith: (own: Partial<FeedStore>): FeedStore => ({
      ...makeFeedStore(mongo.database),
      ...own,
    }),
    async feedOf(userId: string): Promise<FeedRow[]> {
      const { epoch } = await makeFeedStore(mongo.database).head(userId)
      return rows().find({ userId, epoch }).sort({ seq: 1 }).toArray()
    },
    /** The parts of a repair on the real store; each test may bring some of its own. */
    makeRepairs(
      own: {
        store?: FeedStore
        epochs?: Partial<EpochStore>
        untilAllKnow?: () => Promise<void>
      } = {},
    ) {
      const store = own.store ?? makeFeedStore(mongo.database)
      const epochs = { ...makeEpochStore(mongo.database, store), ...own.epochs }
      const preferences = makePreferenceStore(mongo.database, Date.now)
      const erasures = makeErasureStore(mongo.database)
      const inbox = makeInboxStore(mongo.database, store)
      const append = realAppend()
      const now = Date.now
      const mark = makeMark({ store, inbox, tell: () => {} })
      const parts = { store, epochs, mark, append, journal, preferences, retentionMs, now }
      const { untilAllKnow } = own
      const rebuild = makeRebuild(untilAllKnow === undefined ? parts : { ...parts, untilAllKnow })
      return { inbox, ...rebuild, reconcile: makeReconcile({ ...parts, erasures, ...rebuild }) }
    },
  }
}
