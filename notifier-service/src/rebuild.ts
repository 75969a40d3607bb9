/**
 * Makes a feed anew from the journal, under a new epoch: fill the new epoch, switch, read the journal
 * once more. Until the switch nobody sees anything of it, so a rebuild that dies half-way has done
 * nothing; after it, whatever a notifier stored into the former epoch is stored again, here or by
 * that notifier (see `append.ts`). Clients meet another epoch, are told `gap` and read by REST.
 */
import type { BookEvent } from '@quits/proto/books'
import type { Append } from './append.ts'
import type { EpochStore } from './epoch-store.ts'
import { type FeedRow, type FeedStore, notificationOf, rowOf } from './feed-store.ts'
import type { Journal } from './journal.ts'
import { asWanted } from './muting.ts'
import { type Draft, notificationsOf } from './notifications.ts'
import { chunksOf } from './parallel.ts'
import type { PreferenceStore } from './preference-store.ts'

const rowsPerInsertMax = 500
/** Longer than any command takes from its time-stamp to its commit, with room for clocks. */
const onceMoreMs = 3_600_000

export interface Rebuilt {
  epoch: number
  rows: number
}

export type Rebuild = (userId: string) => Promise<Rebuilt>

/** Changes of words are no journal rows: what the old feed has of them is carried over. */
const isCarriedOver = ({ id }: { id: string }) => id.includes('@')

const draftOfRow = (row: FeedRow): Draft => {
  const { seq: _seq, ...content } = notificationOf(row)
  return { userId: row.userId, content, status: row.status }
}

/** One feed in the order of time; what has the same time stays in the order given. */
const inOrder = (drafts: Draft[]): Draft[] => {
  // Time may run backwards within a book: then the place in the journal counts.
  let latest = ''
  const placed = drafts.map((draft) => {
    if (!isCarriedOver(draft.content) && draft.content.at > latest) latest = draft.content.at
    return { draft, at: isCarriedOver(draft.content) ? draft.content.at : latest }
  })
  return placed
    .toSorted((one, other) => (one.at === other.at ? 0 : one.at < other.at ? -1 : 1))
    .map(({ draft }) => draft)
}

export const makeRebuild = (options: {
  store: Pick<FeedStore, 'head' | 'insert'>
  epochs: EpochStore
  append: Append
  journal: Pick<Journal, 'read'>
  preferences: Pick<PreferenceStore, 'mutesOf' | 'erasedAmong'>
  retentionMs: number
  now: () => number
}): Rebuild => {
  const { store, epochs, now } = options

  const draftsOf = async (userId: string, events: BookEvent[]): Promise<Draft[]> => {
    const mutes = (await options.preferences.mutesOf([userId])).get(userId) ?? []
    return events
      .flatMap(notificationsOf)
      .filter((draft) => draft.userId === userId)
      .map((draft) => asWanted(draft, mutes))
  }

  /** The journal's word for what happened, the old row's for what the person did with it. */
  const filling = (old: Map<string, FeedRow>, drafts: Draft[]): Draft[] => {
    const known = drafts.map((draft) => {
      const row = old.get(draft.content.id)
      return row === undefined ? draft : withTheirs(draft, row)
    })
    const carried = [...old.values()].filter(isCarriedOver).map(draftOfRow)
    return inOrder([...known, ...carried])
  }

  return async (userId) => {
    const gone = await options.preferences.erasedAmong([userId])
    if (gone.has(userId)) throw new Error('the account of this person is gone, and their feed')
    const startedAt = now()
    const head = await store.head(userId)
    // In seconds of time, so that two rebuilds of one feed do not meet in one epoch.
    const epoch = Math.max(head.epoch + 1, Math.floor(startedAt / 1_000))
    const old = new Map<string, FeedRow>()
    const place = { userId, epoch: head.epoch }
    for await (const row of epochs.rowsFrom(place, 0, head.seq)) old.set(row.id, row)

    const span = { fromMs: startedAt - options.retentionMs, toMs: Number.MAX_SAFE_INTEGER }
    const told = await draftsOf(userId, await options.journal.read(userId, span))
    const rows = filling(old, told).map((draft, index) => {
      const storedAt = old.get(draft.content.id)?.storedAt ?? new Date(startedAt)
      return rowOf(draft, { epoch, seq: index + 1 }, storedAt)
    })
    for (const some of chunksOf(rows, rowsPerInsertMax)) {
      const refused = await store.insert(some, true)
      if (refused.size > 0) throw new Error('another rebuild of this feed is under way')
    }
    const isWhole = (await epochs.count(userId, epoch)) === rows.length
    if (!isWhole || !(await epochs.switchTo(userId, epoch, new Date(now())))) {
      throw new Error('another rebuild of this feed was faster')
    }

    const newHead = await store.head(userId)
    const late: Draft[] = []
    for await (const row of tailOf(epochs, place, head.seq)) {
      if (isCarriedOver(row)) late.push(draftOfRow(row))
    }
    const again = await options.journal.read(userId, { ...span, fromMs: startedAt - onceMoreMs })
    const added = await options.append([...late, ...(await draftsOf(userId, again))])
    await epochs.removeOthers(userId, newHead.epoch)
    return { epoch, rows: rows.length + added.rows.length }
  }
}

/** Weight and status as they were stored: a mute of today says nothing about yesterday. */
const withTheirs = (draft: Draft, row: FeedRow): Draft => {
  const { muted: _muted, ...content } = draft.content
  const muted = row.muted === true ? { muted: true as const } : {}
  return { ...draft, status: row.status, content: { ...content, weight: row.weight, ...muted } }
}

/** What was stored into the old epoch while the new one was filled. */
async function* tailOf(
  epochs: EpochStore,
  place: { userId: string; epoch: number },
  after: number,
): AsyncGenerator<FeedRow> {
  const count = await epochs.count(place.userId, place.epoch)
  yield* epochs.rowsFrom(place, after, after + count)
}
