/**
 * Compares feeds with the journal: by count and hash for each hour, then, where an hour differs, by
 * name. What is missing is stored at the end of the feed; a feed that has a hole or something twice
 * or under another name can't be mended in place and is rebuilt; a rebuild that died is ended. What only
 * the feed has is no fault: somebody who was asked and lost the seat keeps what they were told.
 */
import type { BookEvent } from '@quits/proto/books'
import { hoursOf } from '@quits/proto/journal'
import type { Append } from './append.ts'
import type { EpochStore } from './epoch-store.ts'
import type { ErasureStore } from './erasure-store.ts'
import { type FeedRow, type FeedStore, rowId } from './feed-store.ts'
import type { Journal, Span } from './journal.ts'
import { draftsFor } from './muting.ts'
import type { PreferenceStore } from './preference-store.ts'
import type { Rebuild } from './rebuild.ts'

const hourMs = 3_600_000
/** More of them tell nothing more: the feed is rebuilt. */
const holesMax = 1_000

/** What is wrong with one feed; all empty for a healthy one. */
export interface Faults {
  userId: string
  /** Hours that differ, as Unix milliseconds. */
  hours: number[]
  /** Ids of events that the journal has and the feed has not. */
  missing: string[]
  /** Ids of events that the feed has more than once. */
  doubled: string[]
  /** Ids that are not the ones their rows were stored under. */
  misnamed: string[]
  /** Seqs that nothing has, between others that something has. */
  holes: number[]
}

export interface Reconciled extends Faults {
  how: 'healthy' | 'found' | 'stored' | 'rebuilt'
}

export type Reconcile = (userId: string, span: Span, wish: { mend: boolean }) => Promise<Reconciled>

interface Feed {
  rows: Pick<FeedRow, 'id' | 'at' | 'seq'>[]
  holes: number[]
  misnamed: string[]
}

/** Rows of the journal and nothing else. */
const isOfJournal = ({ id }: { id: string }) => /:\d+$/.test(id)

export const makeReconcile = (
  options: Rebuild & {
    store: Pick<FeedStore, 'head'>
    epochs: Pick<EpochStore, 'rowsFrom'>
    journal: Pick<Journal, 'read' | 'hours'>
    append: Append
    preferences: Pick<PreferenceStore, 'wishOf'>
    erasures: Pick<ErasureStore, 'removeRows'>
  },
): Reconcile => {
  const { store, epochs, journal, preferences } = options

  const feedOf = async (userId: string): Promise<Feed> => {
    const { epoch, seq } = await store.head(userId)
    const feed: Feed = { rows: [], holes: [], misnamed: [] }
    let last: number | undefined
    for await (const row of epochs.rowsFrom({ userId, epoch }, 0, seq)) {
      for (let hole = (last ?? row.seq - 1) + 1; hole < row.seq; hole += 1) {
        if (feed.holes.length >= holesMax) break
        feed.holes.push(hole)
      }
      last = row.seq
      if (row._id !== rowId(userId, epoch, row.id)) feed.misnamed.push(row.id)
      feed.rows.push({ id: row.id, at: row.at, seq: row.seq })
    }
    return feed
  }

  /** Hours in which the two do not say the same. */
  const differing = async (userId: string, feed: Feed, span: Span): Promise<number[]> => {
    const inFeed = feed.rows
      .filter(isOfJournal)
      .map(({ id, at }) => ({ id, atMs: Date.parse(at) }))
      .filter(({ atMs }) => atMs >= span.fromMs && atMs < span.toMs)
    const here = new Map(hoursOf(inFeed).map((hour) => [hour.hourMs, hour]))
    const there = new Map((await journal.hours(userId, span)).map((hour) => [hour.hourMs, hour]))
    return [...new Set([...here.keys(), ...there.keys()])]
      .filter((hour) => here.get(hour)?.hash !== there.get(hour)?.hash)
      .map(Number)
      .toSorted((one, other) => one - other)
  }

  const missingIn = async (userId: string, feed: Feed, hour: number, span: Span) => {
    const known = new Set(feed.rows.map(({ id }) => id))
    const within = {
      fromMs: Math.max(hour, span.fromMs),
      toMs: Math.min(hour + hourMs, span.toMs),
    }
    return (await journal.read(userId, within)).filter(({ id }) => !known.has(id))
  }

  /** What a person who is gone may have left (see `erase.ts`); the journal still names them. */
  const eraseAgain = async (userId: string, mend: boolean): Promise<Reconciled> => {
    if (mend) await options.erasures.removeRows(userId)
    const none = { hours: [], missing: [], doubled: [], misnamed: [], holes: [] }
    return { userId, ...none, how: 'healthy' }
  }

  return async (userId, span, { mend }) => {
    if ((await preferences.wishOf(userId)).isErased) return eraseAgain(userId, mend)
    if (mend) await options.settle(userId)
    const feed = await feedOf(userId)
    const hours = await differing(userId, feed, span)
    const missing: BookEvent[] = []
    for (const hour of hours) missing.push(...(await missingIn(userId, feed, hour, span)))
    const faults: Faults = {
      userId,
      hours,
      missing: missing.map(({ id }) => id),
      doubled: twice(feed.rows.map(({ id }) => id)),
      misnamed: feed.misnamed,
      holes: feed.holes,
    }
    const torn = [...faults.doubled, ...faults.misnamed, ...faults.holes]
    const isTorn = torn.length > 0
    if (missing.length === 0 && !isTorn) return { ...faults, how: 'healthy' }
    if (!mend) return { ...faults, how: 'found' }
    if (isTorn) {
      await options.rebuild(userId)
      return { ...faults, how: 'rebuilt' }
    }
    await options.append(draftsFor(userId, missing, await preferences.wishOf(userId)))
    return { ...faults, how: 'stored' }
  }
}

const twice = (ids: string[]): string[] => {
  const seen = new Set<string>()
  return ids.filter((id) => seen.size === seen.add(id).size)
}
