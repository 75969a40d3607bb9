/** What an answer to one row of a bundle answers, as a whole. Pure. */
import type { Money } from '@quits/proto/money'
import { asMoney } from '../amount.ts'
import type { EntryView } from '../transactions/entry.ts'
import { isEntryKind, movedBy, postingsOf, turnedRound } from './rules.ts'

/** The rows of a bundle that move the same way, with their sum. */
export interface Stretch {
  bundle: string
  kind: string
  /** Of reversals, the kind of what they undo. */
  undoneKind: string | undefined
  /** The participant who did not write them. */
  askedNo: number
  entries: number
  sumMinor: bigint
  currency: string
  /** Of the whole bundle. */
  debts: number
}

/** A bundle that waits. */
export interface Together {
  debts: number
  entries: number
  /** What a yes costs the one who is asked, over all of it. */
  amount: Money
}

/** An entry as it is read by itself or in a list: where it waits, with what it was made with. */
export type ReadEntryView = EntryView & { together?: Together }

/** By how much these rows lower the position of who is asked. */
const costOf = ({ kind, undoneKind, askedNo, sumMinor }: Stretch): bigint => {
  const moving = kind === 'reversal' ? (undoneKind ?? '') : kind
  if (!isEntryKind(moving)) return 0n
  const postings = postingsOf(moving, sumMinor)
  return -movedBy(kind === 'reversal' ? turnedRound(postings) : postings, askedNo)
}

/** All stretches of one bundle. */
export const wholeOf = (stretches: Stretch[]): Together => {
  const [first] = stretches
  const costMinor = stretches.reduce((sum, one) => sum + costOf(one), 0n)
  return {
    debts: first?.debts ?? 0,
    entries: stretches.reduce((sum, { entries }) => sum + entries, 0),
    amount: asMoney(costMinor, first?.currency ?? ''),
  }
}
