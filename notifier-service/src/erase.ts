/**
 * The use case of forgetting a person whose account is gone: their feed, preferences and tickets.
 *
 * The mark comes first and stays: events that still name the person, the comparison with the journal
 * and a rebuild would each bring the feed back otherwise. It holds the id alone, which names nobody
 * any more. A process that had read the preferences just before the mark may store one more row
 * after the removal; the daily comparison meets the mark and removes it.
 * A crash at any step is followed by the same event again, and every step is safe to repeat.
 */
import type { ErasureStore } from './erasure-store.ts'
import type { Figures } from './metrics.ts'
import type { PreferenceStore } from './preference-store.ts'
import type { Tickets } from './tickets.ts'

export type Erase = (userId: string) => Promise<number>

/** Resolves with how many notifications were removed; rejects when not everything is gone. */
export const makeErase = (options: {
  preferences: Pick<PreferenceStore, 'erase'>
  /** Word to the other processes that they must not go by what they remember of this person. */
  tellPreferring: (userId: string) => void
  tickets: Pick<Tickets, 'revoke'>
  erasures: ErasureStore
  figures: Pick<Figures, 'erased'>
}): Erase => {
  const { preferences, tickets, erasures } = options
  return async (userId) => {
    await preferences.erase(userId)
    options.tellPreferring(userId)
    const removed = await erasures.removeRows(userId)
    options.figures.erased.inc(removed)
    await erasures.removeEpoch(userId)
    // Last, because what stands in MongoDB must not wait for Redis; tickets end by themselves, too.
    await tickets.revoke(userId)
    return removed
  }
}
