/**
 * Heads of the feeds that were written lately, so that most turns need not ask for them. Whose feed
 * is written every other minute or oftener is read anew beside the work.
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
const renewAfterMsMax = 480_000
const readsInFlightMax = 4

export type Heads = ReturnType<typeof makeHeads>

export const makeHeads = (options: { store: Pick<FeedStore, 'head'>; now: () => number }) => {
  const { store, now } = options
  // Who was read first leaves first, and is read once more.
  const known: BoundedCache<Remembered> = makeBoundedCache({ entriesMax: usersMax, now })

  const remember = (userId: string, head: Cursor, askedAtMs: number) => {
    const renewFromMs = askedAtMs + scatteredMs(renewAfterMsMax, Math.random())
    known.set(userId, { head, renewFromMs }, askedAtMs + headAgeMsMax - now())
  }

  const readAnew = async (userId: string) => {
    const askedAtMs = now()
    const head = await store.head(userId)
    const remembered = known.get(userId)
    // What it was forgotten for may have come after the question.
    if (remembered !== undefined) remember(userId, higher(remembered.head, head), askedAtMs)
  }
  const renewals = makeRenewals((userIds) => inParallel(userIds, readsInFlightMax, readAnew))

  return {
    /** The heads of these users, from memory or from the store. */
    async of(userIds: string[]): Promise<Map<string, Cursor>> {
      const pairs = await inParallel(userIds, readsInFlightMax, async (userId) => {
        const askedAtMs = now()
        const remembered = known.get(userId)
        if (remembered !== undefined) {
          if (remembered.renewFromMs <= askedAtMs) renewals.add(userId)
          return [userId, remembered.head] as const
        }
        const head = await store.head(userId)
        remember(userId, head, askedAtMs)
        return [userId, head] as const
      })
      return new Map(pairs)
    },
    /** Call it only when a majority has the row at `head`. What is remembered grows no younger. */
    moved(userId: string, head: Cursor): void {
      const remembered = known.get(userId)
      if (remembered === undefined) remember(userId, head, now())
      else remembered.head = head
    },
    forget(userIds: Iterable<string>): void {
      for (const userId of userIds) {
        known.delete(userId)
        renewals.drop(userId)
      }
    },
  }
}

/** Both are of one feed: what was stored here since the question is above the answer. */
const higher = (one: Cursor, other: Cursor): Cursor =>
  one.epoch > other.epoch || (one.epoch === other.epoch && one.seq > other.seq) ? one : other
