/** Use case: everything written down between the reader and somebody, over all their debts. */
import type { Pool } from '@quits/kit/postgres'
import { ledgerError } from '../errors.ts'
import type { Participant } from '../transactions/book.ts'
import { type EntryView, viewEntry } from '../transactions/entry.ts'
import { type TabLine, tabOf, type TabPlace } from './tab-store.ts'
import { peopleOf } from './totals-store.ts'

/** An entry, with the debt it is in as its reader knows it. */
export type TabEntryView = EntryView & Pick<TabLine, 'role' | 'description'>

/** Who agreed to share a debt is named in it. */
const joined = (userId: string): Participant => ({
  no: 0,
  role: '',
  userId,
  name: undefined,
  seat: 'joined',
})

/** Newest first, below the place given. Refuses whom the reader shares nothing with. */
export const showTab = async (
  pool: Pool,
  userId: string,
  otherId: string,
  page: { before: TabPlace | undefined; limit: number },
): Promise<TabEntryView[]> => {
  const [person] = await peopleOf(pool, userId, { after: undefined, limit: 1, id: otherId })
  if (person === undefined) throw ledgerError('not_found')
  const lines = await tabOf(pool, { userId, otherId, ...page })
  return lines.map(({ entry, role, description }) => ({
    ...viewEntry(entry, [joined(otherId)], userId),
    role,
    description,
  }))
}
