// G14: feeds that somebody has tampered with. The reconciler names and mends each, and no other.
import { randomUUID } from 'node:crypto'
import type { BookEvent } from '@quits/proto/books'
import { hoursOf } from '@quits/proto/journal'
import { makeAppend } from '../../../notifier-service/src/append.ts'
import { makeEpochStore } from '../../../notifier-service/src/epoch-store.ts'
import { makeErasureStore } from '../../../notifier-service/src/erasure-store.ts'
import { makeFeedStore, rowId, rowsOf } from '../../../notifier-service/src/feed-store.ts'
import { makeHeads } from '../../../notifier-service/src/heads.ts'
import { makeInboxStore } from '../../../notifier-service/src/inbox-store.ts'
import { type Journal, makeJournal } from '../../../notifier-service/src/journal.ts'
import { notificationsOf } from '../../../notifier-service/src/notifications.ts'
import { chunksOf } from '../../../notifier-service/src/parallel.ts'
import { makeMark } from '../../../notifier-service/src/mark.ts'
import { makePreferenceStore } from '../../../notifier-service/src/preference-store.ts'
import { makeRebuild } from '../../../notifier-service/src/rebuild.ts'
import { makeReconcile } from '../../../notifier-service/src/reconcile.ts'
import { makeEvents } from '../../../notifier-service/test/events.ts'
import { startJournal } from '../../../notifier-service/test/journal.ts'
import type { FeedWorld } from '../feed/world.ts'
import type { Run, Scenario } from '../scenario.ts'

const eventsPerDebt = 100
const eventsPerAppend = 500
const hourMs = 3_600_000
const dayMs = 24 * hourMs
const firstMs = Date.parse('2026-03-01T00:00:00.000Z')
const span = { fromMs: firstMs, toMs: firstMs + 30 * dayMs }

/** What is done to one row of a feed. */
const tamperings = ['removed', 'last one removed', 'renamed', 'replaced'] as const
type Tampering = (typeof tamperings)[number]

export const reconciler: Scenario<FeedWorld> = {
  id: 'G14',
  what: '100 removed or forged rows among 50,000: each found and mended, no false alarm',
  needs: 'any',
  async play(world, run) {
    const debts = run.short ? 10 : 250
    const planted = run.short ? 8 : 100
    const ledger = await startJournal()
    const journal = makeJournal(ledger.address)
    try {
      const { append, reconcileWith } = partsOf(world, journal)
      const stories = Array.from({ length: debts }, storyOf)
      ledger.state.events = stories.flat()
      for (const some of chunksOf(ledger.state.events, eventsPerAppend)) {
        await append(some.flatMap(notificationsOf))
      }
      const userIds = stories.flatMap(([first]) => first?.data.parties.map((p) => p.userId) ?? [])
      const look = (ids: string[], mend: boolean) => unhealthy(reconcileWith(journal), ids, mend)
      const falseAlarms = await look(userIds, false)
      const victims = userIds.slice(0, planted)
      const kinds = await tamperWith(world, run, victims)
      const twin = await unhealthy(reconcileWith(countingOnly(world, journal)), victims, false)
      const found = await look(userIds, true)
      const left = await look(userIds, false)
      const faults = [
        ...falseAlarms.map((id) => `${id}: a false alarm`),
        ...found.filter((id) => !kinds.has(id)).map((id) => `${id}: a false alarm`),
        ...victims
          .filter((id) => !found.includes(id))
          .map((id) => `${id}: ${kinds.get(id)}, not found`),
        ...left.map((id) => `${id}: ${kinds.get(id)}, not mended`),
        ...(await incomplete(world, stories.flat(), victims)),
      ]
      return {
        figures: {
          rows: userIds.length * eventsPerDebt,
          planted,
          found: found.length,
          falseAlarms: falseAlarms.length,
          unmended: left.length,
          twinFound: twin.length,
        },
        faults: faults.slice(0, 20),
        struck: kinds.size,
        twinCaught: twin.length < planted,
      }
    } finally {
      journal.close()
      await ledger.stop()
    }
  },
}

function partsOf({ bench }: FeedWorld, journal: Journal) {
  const store = makeFeedStore(bench.database)
  const epochs = makeEpochStore(bench.database, store)
  const makeOwnAppend = () =>
    makeAppend({ store, heads: makeHeads({ store, now: Date.now }), now: Date.now })
  const preferences = makePreferenceStore(bench.database, Date.now)
  const erasures = makeErasureStore(bench.database)
  const inbox = makeInboxStore(bench.database, store)
  const mark = makeMark({ store, inbox, tell: () => {} })
  const shared = { store, epochs, mark, preferences, retentionMs: 400 * dayMs, now: Date.now }
  return {
    append: makeOwnAppend(),
    /** As `npm run feed -- reconcile` does: a process that remembers no heads of before. */
    reconcileWith(said: Journal) {
      const append = makeOwnAppend()
      const rebuild = makeRebuild({ ...shared, append, journal })
      return makeReconcile({ ...shared, append, erasures, journal: said, ...rebuild })
    },
  }
}

/** One debt between two people, an entry each quarter of an hour. */
function storyOf(): BookEvent[] {
  const events = makeEvents({ lender: randomUUID(), borrower: randomUUID() }, eventsPerDebt)
  return events.map((event, index) => ({
    ...event,
    time: new Date(firstMs + (index * hourMs) / 4).toISOString(),
  }))
}

async function unhealthy(
  reconcile: ReturnType<typeof makeReconcile>,
  userIds: string[],
  mend: boolean,
): Promise<string[]> {
  const found: string[] = []
  for (const userId of userIds) {
    const { how } = await reconcile(userId, span, { mend })
    if (how !== 'healthy') found.push(userId)
  }
  return found
}

async function tamperWith({ bench }: FeedWorld, { random }: Run, userIds: string[]) {
  const rows = rowsOf(bench.database)
  const kinds = new Map<string, Tampering>()
  for (const [index, userId] of userIds.entries()) {
    const kind = tamperings[index % tamperings.length] ?? 'removed'
    const seq = kind === 'last one removed' ? eventsPerDebt : random.whole(2, eventsPerDebt - 1)
    const row = await rows.findOne({ userId, epoch: 1, seq })
    if (row === null) throw new Error(`${userId} has no row ${seq}`)
    const id = `${randomUUID()}:1`
    if (kind === 'renamed') await rows.updateOne({ _id: row._id }, { $set: { id } })
    else await rows.deleteOne({ _id: row._id })
    if (kind === 'replaced') await rows.insertOne({ ...row, _id: rowId(userId, 1, id), id })
    kinds.set(userId, kind)
  }
  return kinds
}

/** What the journal has and these feeds have not, after all was mended. */
async function incomplete({ bench }: FeedWorld, events: BookEvent[], userIds: string[]) {
  const faults: string[] = []
  const store = makeFeedStore(bench.database)
  for (const userId of userIds) {
    const { epoch, seq } = await store.head(userId)
    const rows = await store.range({ userId, epoch }, 0, seq)
    const ids = new Set(rows.map(({ id }) => id))
    const due = events.filter(({ data }) => data.parties.some((one) => one.userId === userId))
    const missing = due.filter(({ id }) => !ids.has(id)).length
    if (missing > 0) faults.push(`${userId}: ${missing} events are still missing`)
    if (rows.some((row, index) => row.seq !== index + 1)) faults.push(`${userId}: has a hole`)
  }
  return faults
}

/** The broken twin's journal: an hour with the right number of events passes for right. */
function countingOnly({ bench }: FeedWorld, journal: Journal): Journal {
  const store = makeFeedStore(bench.database)
  return {
    ...journal,
    async hours(userId, within) {
      const { epoch, seq } = await store.head(userId)
      const rows = await store.range({ userId, epoch }, 0, seq)
      const here = hoursOf(rows.map(({ id, at }) => ({ id, atMs: Date.parse(at) })))
      const counted = new Map(here.map((hour) => [hour.hourMs, hour]))
      const there = await journal.hours(userId, within)
      return there.map((hour) => {
        const own = counted.get(hour.hourMs)
        return own?.count === hour.count ? own : hour
      })
    },
  }
}
