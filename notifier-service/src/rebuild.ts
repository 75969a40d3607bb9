/**
 * Makes a feed anew from the journal, under a new epoch: fill the new epoch, switch, wait until every
 * notifier knows, read the journal once more. Until the switch nobody sees anything of it, so a rebuild
 * that dies half-way has done nothing; after it, whatever a notifier stored into the former epoch is
 * stored again, here or by that notifier (see `append.ts`), and what was marked there is marked again
 * (see `mark.ts`). One that dies between the switch and its end may leave out what came in its last
 * moments: events of the journal are found by the comparison, but marks and what is no row are not.
 * Clients meet another epoch, are told `gap` and read by REST.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { BookEvent } from '@quits/proto/books'
import type { MarkStatus } from '@quits/proto/feed'
import { type Append, switchesHoldMs } from './append.ts'
import type { EpochStore } from './epoch-store.ts'
import { type FeedRow, type FeedStore, notificationOf, rowOf } from './feed-store.ts'
import type { InboxStore } from './inbox-store.ts'
import type { Journal } from './journal.ts'
import { asWanted } from './muting.ts'
import { type Draft, notificationsOf } from './notifications.ts'
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

export type Rebuild = (userId: string) => Promise<Rebuilt>

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
  inbox: Pick<InboxStore, 'mark'>
  append: Append
  journal: Pick<Journal, 'read'>
  preferences: Pick<PreferenceStore, 'mutesOf' | 'erasedAmong'>
  retentionMs: number
  now: () => number
  /** Resolves when no notifier goes by what it knew before the switch; a test has ways of its own. */
  untilAllKnow?: () => Promise<void>
}): Rebuild => {
  const { store, epochs, now } = options
  const untilAllKnow = options.untilAllKnow ?? (() => delay(untilAllKnowMs))

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

  /** What the person did to the former epoch since `old` was read from it. */
  const copyMarks = async (
    place: { userId: string; epoch: number },
    old: Map<string, FeedRow>,
    seq: number,
    epoch: number,
  ): Promise<void> => {
    const marked = new Map<MarkStatus, string[]>()
    for await (const { id, status } of wholeOf(epochs, place, seq)) {
      if (status === 'unseen' || status === old.get(id)?.status) continue
      marked.set(status, [...(marked.get(status) ?? []), id])
    }
    for (const [status, ids] of marked) {
      await options.inbox.mark({ userId: place.userId, epoch }, { ids }, status)
    }
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
    await establish(userId, epoch, rows)

    await untilAllKnow()
    const newHead = await store.head(userId)
    const late: Draft[] = []
    for await (const row of wholeOf(epochs, place, head.seq)) {
      if (row.seq > head.seq && isCarriedOver(row)) late.push(draftOfRow(row))
    }
    const again = await options.journal.read(userId, { ...span, fromMs: startedAt - onceMoreMs })
    const added = await options.append([...late, ...(await draftsOf(userId, again))])
    await copyMarks(place, old, head.seq, newHead.epoch)
    await epochs.removeBelow(userId, epoch)
    return { epoch, rows: rows.length + added.rows.length }
  }
}

/** Weight and status as they were stored: a mute of today says nothing about yesterday. */
const withTheirs = (draft: Draft, row: FeedRow): Draft => {
  const { muted: _muted, ...content } = draft.content
  const muted = row.muted === true ? { muted: true as const } : {}
  return { ...draft, status: row.status, content: { ...content, weight: row.weight, ...muted } }
}

/** All of the old epoch, with what was stored into it above `seq` while the new one was filled. */
async function* wholeOf(
  epochs: EpochStore,
  place: { userId: string; epoch: number },
  seq: number,
): AsyncGenerator<FeedRow> {
  const count = await epochs.count(place.userId, place.epoch)
  yield* epochs.rowsFrom(place, 0, seq + count)
}
