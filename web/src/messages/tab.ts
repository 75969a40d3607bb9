/** The lines of a running tab: of every debt its corrections as one line, without the answers. Pure. */
import type { Role, TabEntry } from '../api/shapes.ts'
import { isResolution, moveOf, sayKind } from './entries.ts'
import { linesOf } from './lines.ts'

export interface TabLine {
  entry: TabEntry
  sentence: string
  /** Whose side it is on: above zero the reader is owed more. Undefined where the row does not say. */
  side: Role | undefined
}

const sideOf = (entry: TabEntry): Role | undefined => {
  const move = moveOf(entry)
  if (move === undefined) return undefined
  return (move.sign === '+') === (entry.role === 'lender') ? 'lender' : 'borrower'
}

/** Entries, newest first, as lines in the same order; `name` is the other one. */
export const tabLinesOf = (entries: readonly TabEntry[], name: string): TabLine[] => {
  const byDebt = Map.groupBy(entries, ({ debtId }) => debtId)
  const shown = new Set(
    [...byDebt.values()].flatMap((rows) =>
      linesOf(rows).flatMap(({ entry }) => (isResolution(entry) ? [] : [entry])),
    ),
  )
  return entries
    .filter((entry) => shown.has(entry))
    .map((entry) => ({
      entry,
      sentence: sayKind(entry, entry.role, name),
      side: sideOf(entry),
    }))
}

/** The day of the newest entry in a currency that counts: quits since then, where nothing is owed. */
export const lastDayIn = (entries: readonly TabEntry[], currency: string): string | undefined =>
  entries.find(
    ({ amount, status, kind }) =>
      amount.currency === currency && status === 'posted' && !isResolution({ kind }),
  )?.occurredOn
