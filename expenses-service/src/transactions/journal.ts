/**
 * The journal: immutable rows of a book, each covering the one before it by its hash.
 *
 * Canonical form, version 1: the fields below as text, one per line, absent ones as an empty line;
 * postings as `debit>credit:amount`, comma-separated. hash = SHA-256(prev_hash ‖ canonical form),
 * and the first row's prev_hash is 32 zero bytes. ARCHITECTURE.md shows it for other verifiers.
 * Hashes and salts are written in hex here, as everywhere outside of the tables.
 */
import { hash } from 'node:crypto'

export interface Posting {
  /** Account that rises. */
  debit: number
  /** Account that falls. */
  credit: number
  amountMinor: bigint
}

/** Personal words of a row; they may be erased, only their salted hash stays. */
export interface Words {
  salt: string
  note: string | undefined
  reason: string | undefined
  /** What the amount should be, in the words of who declined it. */
  suggestedMinor: bigint | undefined
}

/** A row as it stands in the journal for ever. */
export interface Row {
  bookId: string
  seq: number
  kind: string
  /** As made: a pending row keeps its status, the row that resolves it tells the rest. */
  status: 'posted' | 'pending'
  enteredBy: string
  /** Civil date, YYYY-MM-DD. */
  occurredOn: string
  amountMinor: bigint
  currency: string
  /** Balance of the book's first account after this row. */
  balanceMinor: bigint
  resolves: number | undefined
  reverses: number | undefined
  bundle: string | undefined
  key: string | undefined
  requestHash: string | undefined
  wordsHash: string | undefined
  postings: Posting[]
  prevHash: string
  hash: string
  /** RFC 3339 UTC with milliseconds. */
  at: string
}

export const genesisHash = '0'.repeat(64)

/** SHA-256 over bytes, given in hex, and the text behind them. */
const hashOf = (hex: string, text: string): string => {
  const size = hex.length / 2
  const covered = Buffer.allocUnsafe(size + Buffer.byteLength(text))
  covered.write(hex, 'hex')
  covered.write(text, size)
  return hash('sha256', covered, 'hex')
}

/** SHA-256(salt ‖ JSON [note, reason, suggested minor units as digits]). */
export const hashWords = ({ salt, note, reason, suggestedMinor }: Words): string => {
  const words = JSON.stringify([note ?? null, reason ?? null, suggestedMinor?.toString() ?? null])
  return hashOf(salt, words)
}

/** The text that a row's hash covers, beside the hash of the row before it. */
export const canonicalForm = (row: Omit<Row, 'hash'>): string =>
  [
    'quits.journal.v1',
    row.bookId,
    row.seq,
    row.kind,
    row.status,
    row.enteredBy,
    row.occurredOn,
    row.amountMinor,
    row.currency,
    row.balanceMinor,
    row.resolves ?? '',
    row.reverses ?? '',
    row.bundle ?? '',
    row.wordsHash ?? '',
    row.at,
    row.postings
      .map(({ debit, credit, amountMinor }) => `${debit}>${credit}:${amountMinor}`)
      .join(),
  ].join('\n')

/** The row with its place in the chain. */
export const sealRow = (row: Omit<Row, 'hash'>): Row => ({
  ...row,
  hash: hashOf(row.prevHash, canonicalForm(row)),
})
