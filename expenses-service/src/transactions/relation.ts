/** What one person allows or forbids another. Pure; the rows are read with the state of a turn. */
import type { Book } from './book.ts'

/** Ask: each time. Up to an amount, or always: consent was given beforehand. */
export type Consent =
  | { mode: 'ask' }
  | { mode: 'upTo'; amountMinor: bigint; currency: string }
  | { mode: 'always' }

export interface Relation {
  userId: string
  towardsId: string
  consent: Consent
  blocked: boolean
}

/** How `userId` stands to `towardsId`; between strangers everything is asked and nobody blocked. */
export type RelationOf = (
  userId: string,
  towardsId: string,
) => Pick<Relation, 'consent' | 'blocked'>

export const strangers: Pick<Relation, 'consent' | 'blocked'> = {
  consent: { mode: 'ask' },
  blocked: false,
}

/** Did this person agree beforehand that the other one's entry costs them so much? */
export const consents = (
  { consent, blocked }: Pick<Relation, 'consent' | 'blocked'>,
  cost: { minor: bigint; currency: string },
): boolean => {
  if (blocked || consent.mode === 'ask') return false
  if (consent.mode === 'always') return true
  return consent.currency === cost.currency && cost.minor <= consent.amountMinor
}

/** People of the book whom nothing of this author reaches: events leave them out. */
export const unreached = (book: Book, authorId: string, relationOf: RelationOf): Set<string> =>
  new Set(
    book.participants
      .flatMap(({ userId }) => userId ?? [])
      .filter((userId) => userId !== authorId && relationOf(userId, authorId).blocked),
  )
