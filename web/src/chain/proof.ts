/** A debt's chain as the server shows it (ARCHITECTURE.md, The ledger). */

/** Byte strings are hexadecimal, amounts digits in minor units. */
export interface ProofRow {
  seq: number
  kind: string
  status: 'posted' | 'pending'
  /** Null while it is not the reader's to know: such a row is linked, but cannot be recomputed. */
  enteredBy: string | null
  occurredOn: string
  amountMinor: string
  balanceMinor: string
  resolves: number | null
  reverses: number | null
  bundle: string | null
  wordsHash: string | null
  at: string
  postings: { debit: number; credit: number; amountMinor: string }[]
  prevHash: string
  hash: string
  words: {
    salt: string
    note: string | null
    reason: string | null
    suggestedMinor: string | null
  } | null
}

export interface Proof {
  version: string
  book: {
    id: string
    currency: string
    lastSeq: number
    lastHash: string
    accounts: { no: number; postedMinor: string }[]
  }
  rows: ProofRow[]
  next: string | null
}

/** The canonical form of a row, version 1: what its hash covers beside the row before it. */
export const canonicalForm = (row: ProofRow, book: Proof['book']): string =>
  [
    'quits.journal.v1',
    book.id,
    row.seq,
    row.kind,
    row.status,
    row.enteredBy ?? '',
    row.occurredOn,
    row.amountMinor,
    book.currency,
    row.balanceMinor,
    row.resolves ?? '',
    row.reverses ?? '',
    row.bundle ?? '',
    row.wordsHash ?? '',
    row.at,
    row.postings
      .map(({ debit, credit, amountMinor }) => `${debit}>${credit}:${amountMinor}`)
      .join(','),
  ].join('\n')

/** A thousand rows a page: more pages than this are no debt between two people. */
const pagesMax = 1_000

/** Every page as one, the oldest row first; the book is as the first page told it. */
export const wholeProof = async (
  read: (cursor: string | undefined) => Promise<Proof>,
): Promise<Proof> => {
  const first = await read(undefined)
  const rows = [...first.rows]
  let { next } = first
  for (let pages = 1; next !== null && pages < pagesMax; pages += 1) {
    const page = await read(next)
    rows.push(...page.rows)
    next = page.next
  }
  return { ...first, rows, next }
}
