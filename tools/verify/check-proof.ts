// Exported proofs: the pages of a book are checked together, and against a database if there is one.
import { type BookCheck, checkBook, type Fault } from './book-check.ts'
import { addUp, noTotals, type Totals } from './check-database.ts'
import { type Reader, readHashes } from './database.ts'
import type { Proof } from './proof-file.ts'

interface Told {
  totals: Totals
  fault(found: Fault): void
}

const telling = (tell: (fault: Fault) => void): Told => {
  const totals = noTotals()
  const fault = (found: Fault) => {
    totals.faults++
    tell(found)
  }
  return { totals, fault }
}

/** Pages of one book follow each other; the last page says where the book's head is. */
export const checkProofs = (pages: Proof[], tell: (fault: Fault) => void): Totals => {
  const { totals, fault } = telling(tell)
  for (const book of new Set(pages.map((page) => page.book.id))) {
    const own = pages.filter((page) => page.book.id === book)
    const last = own.at(-1)
    if (last === undefined) continue
    const check = checkBook(last.book)
    checkPages(own, check, fault)
    if (last.next !== null) {
      fault({ book, seq: undefined, what: 'its proof goes on, but the next page is not here' })
    }
    addUp(totals, check.checked)
  }
  return totals
}

const checkPages = (pages: Proof[], check: BookCheck, fault: Told['fault']) => {
  for (const row of pages.flatMap(({ rows }) => rows)) {
    for (const found of check.row(row)) fault(found)
  }
  for (const found of check.end()) fault(found)
}

/**
 * Does the database still hold the very rows of the proofs? It finds what a look at the database
 * alone cannot: a history that was cut or written anew, with every hash made to fit.
 */
export const compareProofs = async (
  client: Reader,
  pages: Proof[],
  tell: (fault: Fault) => void,
): Promise<number> => {
  const { totals, fault } = telling(tell)
  for (const { book, rows } of pages) {
    const first = rows[0]?.seq
    const last = rows.at(-1)?.seq
    if (first === undefined || last === undefined) continue
    const hashes = await readHashes(client, book.id, { first, last })
    for (const { seq, hash } of rows) {
      const there = hashes.get(seq)
      const what = there === undefined ? 'is not in the database' : 'is another in the database'
      if (there !== hash) fault({ book: book.id, seq, what })
    }
  }
  return totals.faults
}
