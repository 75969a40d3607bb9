// The journal as a verifier reads it, from ARCHITECTURE.md ("The canonical form of a row") alone:
// nothing here or beside it is shared with the code that writes.
import { createHash } from 'node:crypto'

export interface Posting {
  /** Account that rises. */
  debit: number
  /** Account that falls. */
  credit: number
  /** Minor units, as digits. */
  amountMinor: string
}

export interface Words {
  /** Hexadecimal, like every byte string here. */
  salt: string
  note: string | null
  reason: string | null
  /** Minor units, as digits. */
  suggestedMinor: string | null
}

/** A row as it is written down; amounts stay the digits they are. */
export interface JournalRow {
  seq: number
  kind: string
  status: string
  /** Null in a proof whose reader may not know who it was. */
  enteredBy: string | null
  occurredOn: string
  amountMinor: string
  balanceMinor: string
  resolves: number | null
  reverses: number | null
  bundle: string | null
  wordsHash: string | null
  at: string
  postings: Posting[]
  prevHash: string
  hash: string
  words: Words | null
}

export const beforeTheFirst = '00'.repeat(32)

/** What the row's hash must be; undefined when a field under it is withheld. */
export const hashOfRow = (
  book: { id: string; currency: string },
  row: JournalRow,
): string | undefined => {
  if (row.enteredBy === null) return undefined
  const lines = [
    'quits.journal.v1',
    book.id,
    row.seq,
    row.kind,
    row.status,
    row.enteredBy,
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
  ]
  const before = Buffer.from(row.prevHash, 'hex')
  return createHash('sha256').update(before).update(lines.join('\n'), 'utf8').digest('hex')
}

/** SHA-256(salt ‖ JSON [note, reason, suggested minor units]). */
export const hashOfWords = ({ salt, note, reason, suggestedMinor }: Words): string =>
  createHash('sha256')
    .update(Buffer.from(salt, 'hex'))
    .update(JSON.stringify([note, reason, suggestedMinor]), 'utf8')
    .digest('hex')
