// What waits in a debt: a pending row has no postings, its kind says which way it would go.
import type { JournalRow } from './journal-form.ts'
import type { Marks } from './marks.ts'

const raising = new Map([
  ['advance', true],
  ['repayment', false],
  ['forgiveness', false],
])

export type Intents = ReturnType<typeof makeIntents>

/** Follows the entries that wait. `known` is false once a direction is not known here. */
export const makeIntents = (bookKind: string, marks: Marks) => {
  // Bounded by the entries of one debt that may wait at a time.
  const waiting = new Map<number, { up: boolean; minor: bigint }>()
  let known = bookKind === 'debt'

  const directionOf = ({ kind, reverses }: JournalRow): boolean | undefined =>
    kind === 'reversal' && reverses !== null ? marks.lowered(reverses) : raising.get(kind)

  const sum = (up: boolean) =>
    [...waiting.values()].reduce((total, one) => (one.up === up ? total + one.minor : total), 0n)

  return {
    known: () => known,
    add(row: JournalRow): void {
      if (row.resolves !== null) waiting.delete(row.resolves)
      if (row.status !== 'pending') return
      const up = directionOf(row)
      if (up === undefined) known = false
      waiting.set(row.seq, { up: up ?? true, minor: BigInt(row.amountMinor) })
    },
    waiting: () => ({ count: waiting.size, raising: sum(true), lowering: sum(false) }),
  }
}
