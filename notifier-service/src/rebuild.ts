/**
 * Makes a feed anew from the journal, under a new epoch: fill the new epoch, switch, wait until every
 * notifier knows, then bring along what came into the former epoch meanwhile and read the journal once
 * more. Until the switch nobody sees anything of it, so a rebuild that dies half-way has done nothing;
 * after it, whatever a notifier stored into the former epoch is stored again, here or by that notifier
 * (see `append.ts`), and what was marked there is marked again (see `mark.ts`). The former epoch goes
 * last: of a rebuild that dies between its switch and its end it is still there, and the next one or the
 * daily comparison brings along what it holds. Clients meet another epoch, are told `gap` and read by
 * REST.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { BookEvent } from '@quits/proto/books'
import type { MarkStatus } from '@quits/proto/feed'
import { type Append, switchesHoldMs } from './append.ts'
import type { EpochStore } from './epoch-store.ts'
import { type FeedRow, type FeedStore, notificationOf, rowOf } from './feed-store.ts'
import type { Journal } from './journal.ts'
import type { Mark } from './mark.ts'
import { draftsFor } from './muting.ts'
import type { Draft } from './notifications.ts'
import { chunksOf } from './parallel.ts'
import type { PreferenceStore } from './preference-store.ts'

const rowsPerInsertMax = 500
/** Longer than any command takes from its time-stamp to its commit, with room for clocks. */
const onceMoreMs = 3_600_000
/** Longer than a notifier goes by what it knew before a switch. */
const untilAllKnowMs = 2 * switchesHoldMs

export interface Rebuilt {
  epoch: number
  rows: number
}

export interface Rebuild {
  /** Makes the feed anew. */
  rebuild: (userId: string) => Promise<Rebuilt>
  /** Ends what a rebuild has left that died after its switch, if there is any. */
  settle: (userId: string) => Promise<void>
}

/** What is no journal row has an `@` in its id: what the old feed has of it is carried over. */
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
  mark: Mark
  append: Append
  journal: Pick<Journal, 'read'>
  preferences: Pick<PreferenceStore, 'wishOf'>
  retentionMs: number
  now: () => number
  /** Resolves when no notifier goes by what it knew before the switch; a test has ways of its own. */
  untilAllKnow?: () => Promise<void>
}): Rebuild => {
  const { store, epochs, preferences, now } = options
  const untilAllKnow = options.untilAllKnow ?? (() => delay(untilAllKnowMs))

  const draftsOf = async (userId: string, events: BookEvent[]): Promise<Draft[]> =>
    draftsFor(userId, events, await preferences.wishOf(userId))

  /** Fills the epoch and switches the feed to it; leaves nothing there when it can't. */
  const establish = async (userId: string, epoch: number, rows: FeedRow[]): Promise<void> => {
    let isOurs = false
    let isWhole = false
    try {
      for (const some of chunksOf(rows, rowsPerInsertMax)) {
        const refused = await store.insert(some, true)
        isOurs ||= refused.size < some.length
        if (refused.size > 0) throw new Error('another rebuild of this feed is under way')
      }
      isWhole = (await epochs.count(userId, epoch)) === rows.length
    } finally {
      // What a rival has there is not ours to remove.
      if (isOurs && !isWhole) await epochs.remove(userId, epoch)
    }
    // When this fails nobody knows on which side of the switch the feed is: the rows stay.
    const isSwitched = isWhole && (await epochs.switchTo(userId, epoch, new Date(now())))
    if (!isSwitched) throw new Error('another rebuild of this feed was faster')
  }

  /** What the journal has that a rebuild which began at `sinceMs` may have missed. */
  const missedOf = async (userId: string, sinceMs: number): Promise<Draft[]> => {
    const span = { fromMs: sinceMs - onceMoreMs, toMs: Number.MAX_SAFE_INTEGER }
    return draftsOf(userId, await options.journal.read(userId, span))
  }

  /**
   * Stores `drafts` and what only the epochs before `epoch` hold: what is no row of the journal, and
   * marks. Then they go: nobody may go by them any more.
   */
  const bringAlong = async (userId: string, epoch: number, drafts: Draft[]): Promise<FeedRow[]> => {
    const head = await store.head(userId)
    const known = new Map<string, FeedRow['status']>()
    const here = { userId, epoch: head.epoch }
    for await (const row of epochs.rowsFrom(here, 0, head.seq)) known.set(row.id, row.status)

    const left = new Map<string, FeedRow>()
    for (const former of await epochs.former(userId, epoch)) {
      const place = { userId, epoch: former.epoch }
      for await (const row of epochs.rowsFrom(place, 0, former.seq)) {
        if (!left.has(row.id)) left.set(row.id, row)
      }
    }
    const oldestMs = now() - options.retentionMs
    const carried = [...left.values()].filter(
      (row) => isCarriedOver(row) && !known.has(row.id) && row.storedAt.getTime() > oldestMs,
    )
    const { isErased } = await preferences.wishOf(userId)
    const wanted = [...carried.map(draftOfRow), ...theirs(left, drafts)]
    const { rows } = await options.append(isErased ? [] : wanted)
    await copyMarks(userId, [...left.values()], known)
    await epochs.removeBelow(userId, epoch)
    return rows
  }

  /** A status never moves backwards: what has gone further meanwhile stays. */
  const copyMarks = async (userId: string, left: FeedRow[], known: Map<string, string>) => {
    // What is silent was read when it came; that is nobody's mark.
    const isMark = ({ status, weight }: FeedRow) =>
      status !== 'unseen' && !(status === 'read' && weight === 'silent')
    const marked = left.filter((row) => isMark(row) && known.get(row.id) !== row.status)
    for (const [status, some] of Map.groupBy(marked, (row) => row.status as MarkStatus)) {
      await options.mark(userId, { ids: some.map(({ id }) => id) }, status)
    }
  }

  const settle = async (userId: string): Promise<void> => {
    const { epoch } = await store.head(userId)
    if (epoch === 1 || (await epochs.former(userId, epoch)).length === 0) return
    await untilAllKnow()
    // An epoch is the second in which its rebuild began.
    await bringAlong(userId, epoch, await missedOf(userId, epoch * 1_000))
  }

  const rebuild = async (userId: string): Promise<Rebuilt> => {
    const { isErased } = await preferences.wishOf(userId)
    if (isErased) throw new Error('the account of this person is gone, and their feed')
    await settle(userId)
    const startedAt = now()
    const head = await store.head(userId)
    // In seconds of time, so that two rebuilds of one feed do not meet in one epoch.
    const epoch = Math.max(head.epoch + 1, Math.floor(startedAt / 1_000))
    const old = new Map<string, FeedRow>()
    const place = { userId, epoch: head.epoch }
    for await (const row of epochs.rowsFrom(place, 0, head.seq)) old.set(row.id, row)

    const span = { fromMs: startedAt - options.retentionMs, toMs: Number.MAX_SAFE_INTEGER }
    const told = await draftsOf(userId, await options.journal.read(userId, span))
    const carried = [...old.values()].filter(isCarriedOver).map(draftOfRow)
    const rows = inOrder([...theirs(old, told), ...carried]).map((draft, index) => {
      const storedAt = old.get(draft.content.id)?.storedAt ?? new Date(startedAt)
      return rowOf(draft, { epoch, seq: index + 1 }, storedAt)
    })
    await establish(userId, epoch, rows)

    await untilAllKnow()
    const added = await bringAlong(userId, epoch, await missedOf(userId, startedAt))
    return { epoch, rows: rows.length + added.length }
  }

  return { rebuild, settle }
}

/** The journal's word for what happened, the old row's for what the person did with it. */
const theirs = (old: Map<string, FeedRow>, drafts: Draft[]): Draft[] =>
  drafts.map((draft) => {
    const row = old.get(draft.content.id)
    return row === undefined ? draft : withTheirs(draft, row)
  })

/** Weight and status as they were stored: a mute of today says nothing about yesterday. */
const withTheirs = (draft: Draft, row: FeedRow): Draft => {
  const { muted: _muted, ...content } = draft.content
  const muted = row.muted === true ? { muted: true as const } : {}
  return { ...draft, status: row.status, content: { ...content, weight: row.weight, ...muted } }
}
