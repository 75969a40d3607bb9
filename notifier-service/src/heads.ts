/**
 * Heads of the feeds that were written lately, so that most turns need not ask for them. The head of
 * a feed that is written every other minute or oftener is read anew beside the work.
 */
import { scatteredMs } from '@quits/kit/backoff'
import { type BoundedCache, makeBoundedCache } from '@quits/kit/bounded-cache'
import type { Cursor } from '@quits/proto/feed'
import type { FeedStore } from './feed-store.ts'
import { inParallel } from './parallel.ts'
import { makeRenewals } from './renewals.ts'

/** A box, so that a head that moves takes no new place in the cache: each row would leave garbage. */
interface Remembered {
  head: Cursor
  renewFromMs: number
}

const usersMax = 50_000
/**
 * Far below any retention: a head so old that the rows above it were swept would let a number be
 * used again (see `append.ts`).
 */
export const headAgeMsMax = 600_000
/** At most: those that were read together are not all read again together. */
const renewAfterMsMax = 450_000
const readsInFlightMax = 4

export type Heads = ReturnType<typeof makeHeads>

export const makeHeads = (options: { store: Pick<FeedStore, 'head'>; now: () => number }) => {
  const { store, now } = options
  // Who was read first leaves first, and is read once more.
  const known: BoundedCache<Remembered> = makeBoundedCache({ entriesMax: usersMax, now })

  /** Keeps the higher one of this head and what is remembered; its age is that of this question. */
  const remember = (userId: string, head: Cursor, askedAtMs: number): Cursor => {
    const kept = higher(known.get(userId)?.head ?? head, head)
    const renewFromMs = askedAtMs + scatteredMs(renewAfterMsMax, Math.random())
    known.set(userId, { head: kept, renewFromMs }, askedAtMs + headAgeMsMax - now())
    return kept
  }

  const readAnew = async (userId: string) => {
    const askedAtMs = now()
    const head = await store.head(userId)
    // What it was forgotten for may have come after the question.
    if (known.get(userId) !== undefined) remember(userId, head, askedAtMs)
  }
  const renew = makeRenewals((userIds) => inParallel(userIds, readsInFlightMax, readAnew))

  return {
    /** The heads of these users, from memory or from the store. */
    async of(userIds: string[]): Promise<Map<string, Cursor>> {
      const pairs = await inParallel(userIds, readsInFlightMax, async (userId) => {
        const askedAtMs = now()
        const remembered = known.get(userId)
        if (remembered === undefined) {
          return [userId, remember(userId, await store.head(userId), askedAtMs)] as const
        }
        if (remembered.renewFromMs <= askedAtMs) renew(userId)
        return [userId, remembered.head] as const
      })
      return new Map(pairs)
    },
    /** Call it only when a majority has the row at `head`. What is remembered grows no younger. */
    moved(userId: string, head: Cursor): void {
      const remembered = known.get(userId)
      if (remembered === undefined) remember(userId, head, now())
      else remembered.head = higher(remembered.head, head)
    },
    forget(userIds: Iterable<string>): void {
      for (const userId of userIds) known.delete(userId)
    },
  }
}

/** Of two heads of one feed: an answer may be older than what was stored here since the question. */
const higher = (one: Cursor, other: Cursor): Cursor =>
  one.epoch > other.epoch || (one.epoch === other.epoch && one.seq > other.seq) ? one : other
