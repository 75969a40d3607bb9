/** A debt's proof: its chain with every field that is hashed, for a verifier that trusts nobody. */
import { z } from 'zod'
import type { Book } from '../transactions/book.ts'
import type { Row, Words } from '../transactions/journal.ts'

/** A row as stored, with its words while they exist. */
export interface ProvenRow {
  row: Row
  words: Words | undefined
}

export const rowsPerPage = 1_000

export const proofQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(rowsPerPage).default(rowsPerPage),
  cursor: z.string().min(1).max(200).optional(),
})

const minor = z.string().regex(/^-?\d+$/)
const hash = z.string().regex(/^[0-9a-f]{64}$/)

/** Byte strings are hexadecimal, amounts digits in minor units, rows in the order of the chain. */
export const proofAnswer = z.strictObject({
  version: z.literal('quits.proof.v1'),
  book: z.strictObject({
    id: z.uuid(),
    kind: z.string(),
    currency: z.string(),
    lastSeq: z.int(),
    lastHash: hash,
    accounts: z.array(z.strictObject({ no: z.int(), postedMinor: minor })),
  }),
  rows: z.array(
    z.strictObject({
      seq: z.int(),
      kind: z.string(),
      status: z.enum(['posted', 'pending']),
      /** Null while it is not the reader's to know: such a row can be linked, not recomputed. */
      enteredBy: z.uuid().nullable(),
      occurredOn: z.iso.date(),
      amountMinor: minor,
      balanceMinor: minor,
      resolves: z.int().nullable(),
      reverses: z.int().nullable(),
      bundle: z.uuid().nullable(),
      wordsHash: hash.nullable(),
      at: z.iso.datetime(),
      postings: z.array(z.strictObject({ debit: z.int(), credit: z.int(), amountMinor: minor })),
      prevHash: hash,
      hash,
      /** Null where nothing was said, and where it was erased. */
      words: z
        .strictObject({
          salt: z.string(),
          note: z.string().nullable(),
          reason: z.string().nullable(),
          suggestedMinor: minor.nullable(),
        })
        .nullable(),
    }),
  ),
  /** The cursor of the next page; null on the last one, which ends at the book's last row. */
  next: z.string().nullable(),
})
export type Proof = z.infer<typeof proofAnswer>

/** The proof as `readerId` may read it: who has not joined stays unnamed, as everywhere. */
export const viewProof = (
  book: Book,
  rows: ProvenRow[],
  readerId: string,
  next: string | null,
): Proof => ({
  version: 'quits.proof.v1',
  book: {
    id: book.id,
    kind: book.kind,
    currency: book.currency,
    lastSeq: book.lastSeq,
    lastHash: book.lastHash,
    accounts: book.accounts.map(({ no, postedMinor }) => ({
      no,
      postedMinor: postedMinor.toString(),
    })),
  },
  rows: rows.map(({ row, words }) => ({
    seq: row.seq,
    kind: row.kind,
    status: row.status,
    enteredBy: mayKnow(book, row.enteredBy, readerId) ? row.enteredBy : null,
    occurredOn: row.occurredOn,
    amountMinor: row.amountMinor.toString(),
    balanceMinor: row.balanceMinor.toString(),
    resolves: row.resolves ?? null,
    reverses: row.reverses ?? null,
    bundle: row.bundle ?? null,
    wordsHash: row.wordsHash ?? null,
    at: row.at,
    postings: row.postings.map(({ debit, credit, amountMinor }) => ({
      debit,
      credit,
      amountMinor: amountMinor.toString(),
    })),
    prevHash: row.prevHash,
    hash: row.hash,
    words: words === undefined ? null : shownWords(words),
  })),
  next,
})

const mayKnow = (book: Book, userId: string, readerId: string): boolean =>
  userId === readerId ||
  book.participants.some((one) => one.userId === userId && one.seat === 'joined')

const shownWords = ({ salt, note, reason, suggestedMinor }: Words) => ({
  salt,
  note: note ?? null,
  reason: reason ?? null,
  suggestedMinor: suggestedMinor?.toString() ?? null,
})
