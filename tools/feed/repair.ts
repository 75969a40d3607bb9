// `npm run feed -- rebuild|reconcile`: the notifier's own repairs, by hand.
import { MongoClient } from 'mongodb'
import { makeAppend } from '../../notifier-service/src/append.ts'
import { makeEpochStore } from '../../notifier-service/src/epoch-store.ts'
import { makeErasureStore } from '../../notifier-service/src/erasure-store.ts'
import { makeFeedStore } from '../../notifier-service/src/feed-store.ts'
import { makeHeads } from '../../notifier-service/src/heads.ts'
import { makeInboxStore } from '../../notifier-service/src/inbox-store.ts'
import { makeJournal } from '../../notifier-service/src/journal.ts'
import { makeMark } from '../../notifier-service/src/mark.ts'
import { makePreferenceStore } from '../../notifier-service/src/preference-store.ts'
import { makeRebuild } from '../../notifier-service/src/rebuild.ts'
import { makeReconcile, type Reconciled } from '../../notifier-service/src/reconcile.ts'
import { spanAt } from '../../notifier-service/src/reconcile-part.ts'

const dayMs = 86_400_000

export interface Surroundings {
  mongoUrl: string
  database: string
  /** host:port of the internal gRPC of expenses. */
  journalAddress: string
  retentionDays: number
}

/** The same parts that a notifier has, without its sockets and its Kafka. */
export async function withRepairs<T>(
  at: Surroundings,
  act: (repairs: ReturnType<typeof repairsOn>) => Promise<T>,
): Promise<T> {
  const client = new MongoClient(at.mongoUrl, {
    readConcern: { level: 'majority' },
    writeConcern: { w: 'majority' },
    serverSelectionTimeoutMS: 5_000,
  })
  const journal = makeJournal(at.journalAddress)
  try {
    return await act(repairsOn(client, journal, at))
  } finally {
    journal.close()
    await client.close()
  }
}

function repairsOn(
  client: MongoClient,
  journal: ReturnType<typeof makeJournal>,
  { database, retentionDays }: Surroundings,
) {
  const now = Date.now
  const db = client.db(database)
  const store = makeFeedStore(db)
  const shared = {
    store,
    epochs: makeEpochStore(db, store),
    // Notifiers ask for what they remember every five minutes.
    mark: makeMark({ store, inbox: makeInboxStore(db, store), tell: () => {} }),
    append: makeAppend({ store, heads: makeHeads({ store, now }), now }),
    preferences: makePreferenceStore(db, now),
    journal,
    retentionMs: retentionDays * dayMs,
    now,
  }
  const { rebuild, settle } = makeRebuild(shared)
  return {
    journal,
    rebuild,
    reconcile: makeReconcile({ ...shared, erasures: makeErasureStore(db), rebuild, settle }),
    retentionDays,
  }
}

type Repairs = ReturnType<typeof repairsOn>

/** Rebuilds the feeds of these people, one after the other. */
export async function rebuildFeeds(userIds: string[], { rebuild }: Repairs): Promise<string[]> {
  const lines: string[] = []
  for (const userId of userIds) {
    const { epoch, rows } = await rebuild(userId)
    lines.push(`${userId}: ${rows} notifications under epoch ${epoch}`)
  }
  return lines
}

/** Compares the feeds of these people, or of everybody; `tell` hears of each that differs. */
export async function reconcileFeeds(
  userIds: string[],
  wish: { mend: boolean; graceMs?: number },
  { journal, reconcile, retentionDays }: Repairs,
  tell: (line: string) => void,
): Promise<{ looked: number; broken: number }> {
  let looked = 0
  let broken = 0
  for await (const userId of userIds.length > 0 ? userIds : journal.readers()) {
    const found = await reconcile(userId, spanAt(Date.now(), retentionDays, wish.graceMs), wish)
    looked += 1
    if (found.how === 'healthy') continue
    broken += 1
    for (const line of linesOf(found)) tell(line)
  }
  return { looked, broken }
}

const idsShown = 10
const remedies = {
  healthy: '',
  found: 'not mended (--mend)',
  stored: 'stored what was missing',
  rebuilt: 'rebuilt',
} as const

function linesOf(found: Reconciled): string[] {
  const { userId, how, hours, missing, doubled, misnamed, holes } = found
  const kinds = { missing, doubled, misnamed, 'no such seq': holes.map(String) }
  const named = Object.entries(kinds).filter(([, some]) => some.length > 0)
  return [
    `${userId}: ${remedies[how]}`,
    ...hours.map((hour) => `  differs in the hour from ${new Date(hour).toISOString()}`),
    ...named.map(([kind, some]) => {
      const rest = some.length > idsShown ? ` and ${some.length - idsShown} more` : ''
      return `  ${kind}: ${some.slice(0, idsShown).join(' ')}${rest}`
    }),
  ]
}

/** The database that a MongoDB URL names, or the notifier's own default. */
export const databaseOf = (url: string): string =>
  /^[^/]+:\/\/[^/]+\/([^?/]+)/.exec(url)?.[1] ?? 'quits'
