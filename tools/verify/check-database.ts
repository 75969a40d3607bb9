// The whole ledger of a database, batch by batch.
import { checkBook, type Checked, type Fault } from './book-check.ts'
import {
  booksPerBatch,
  inSnapshot,
  type Range,
  type Reader,
  readHeads,
  readRows,
  readStrays,
} from './database.ts'
import type { BookHead } from './book-check.ts'

export interface Totals extends Checked {
  books: number
  faults: number
}

export const noTotals = (): Totals => ({ books: 0, rows: 0, erased: 0, withheld: 0, faults: 0 })

/** Tells each fault as it is found; keeps none, so a ruined ledger fits as well. */
export const checkDatabase = async (
  client: Reader,
  tell: (fault: Fault) => void,
): Promise<Totals> => {
  const totals = noTotals()
  const fault = (found: Fault) => {
    totals.faults++
    tell(found)
  }
  let from: string | undefined
  for (;;) {
    const last = await inSnapshot(client, async () => {
      const heads = await readHeads(client, from)
      const end = heads.length < booksPerBatch
      const to = end ? undefined : heads.at(-1)?.id
      await checkBatch(client, heads, { from, to }, { totals, fault })
      return to
    })
    if (last === undefined) break
    from = last
  }
  const strays = await inSnapshot(client, () => readStrays(client))
  for (const stray of strays) fault(stray)
  return totals
}

const checkBatch = async (
  client: Reader,
  heads: BookHead[],
  range: Range,
  report: { totals: Totals; fault: (found: Fault) => void },
): Promise<void> => {
  const { totals, fault } = report
  const checks = new Map(heads.map((head) => [head.id, checkBook(head)]))
  const end = (book: string) => {
    const check = checks.get(book)
    if (check === undefined) return
    for (const found of check.end()) fault(found)
    addUp(totals, check.checked)
    checks.delete(book)
  }
  let current: string | undefined
  for await (const { book, row, faults } of readRows(client, range)) {
    if (current !== undefined && current !== book) end(current)
    current = book
    for (const what of faults) fault({ book, seq: row.seq, what })
    for (const found of checks.get(book)?.row(row) ?? []) fault(found)
  }
  for (const book of checks.keys()) end(book)
}

/** One more book. */
export const addUp = (totals: Totals, checked: Checked): void => {
  totals.books++
  totals.rows += checked.rows
  totals.erased += checked.erased
  totals.withheld += checked.withheld
}
