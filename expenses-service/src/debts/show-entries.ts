/** Use case: show entries to one of the two people, and of those that wait what was made with them. */
import type { Pool } from '@quits/kit/postgres'
import type { Participant } from '../transactions/book.ts'
import { type Entry, statusOf, viewEntry } from '../transactions/entry.ts'
import { stretchesOf } from './together-store.ts'
import { type ReadEntryView, wholeOf } from './together.ts'

/** In the order in which they come. */
export const showEntries = async (
  pool: Pool,
  entries: Entry[],
  participants: Participant[],
  readerId: string,
): Promise<ReadEntryView[]> => {
  const waiting = entries.flatMap((entry) =>
    entry.row.bundle !== undefined && statusOf(entry) === 'pending' ? [entry.row.bundle] : [],
  )
  const views = entries.map((entry) => viewEntry(entry, participants, readerId))
  if (waiting.length === 0) return views
  const found = await stretchesOf(pool, [...new Set(waiting)])
  const bundles = Map.groupBy(found, ({ bundle }) => bundle)
  return views.map((view) => {
    const stretches = view.status === 'pending' ? bundles.get(view.bundle ?? '') : undefined
    return stretches === undefined ? view : { ...view, together: wholeOf(stretches) }
  })
}
