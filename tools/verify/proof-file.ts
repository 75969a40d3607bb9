// An exported proof: what GET /v1/debts/:id/proof answered, one file per page.
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import type { BookHead } from './book-check.ts'
import type { JournalRow } from './journal-form.ts'

// A digit string has one way to be written: the form that is hashed holds these very characters.
const digits = z.string().regex(/^(0|-?[1-9]\d{0,18})$/)
const hash = z.string().regex(/^[0-9a-f]{64}$/)
const seq = z.int().positive()
const word = z.string().nullable()

const row = z.strictObject({
  seq,
  kind: z.string(),
  status: z.string(),
  enteredBy: word,
  occurredOn: z.string(),
  amountMinor: digits,
  balanceMinor: digits,
  resolves: seq.nullable(),
  reverses: seq.nullable(),
  bundle: word,
  wordsHash: hash.nullable(),
  at: z.string(),
  postings: z.array(z.strictObject({ debit: z.int(), credit: z.int(), amountMinor: digits })),
  prevHash: hash,
  hash,
  words: z
    .strictObject({
      salt: z.string().regex(/^([0-9a-f]{2})*$/),
      note: word,
      reason: word,
      suggestedMinor: digits.nullable(),
    })
    .nullable(),
}) satisfies z.ZodType<JournalRow>

const proof = z.strictObject({
  version: z.literal('quits.proof.v1'),
  book: z.strictObject({
    id: z.string(),
    kind: z.string(),
    currency: z.string(),
    lastSeq: seq,
    lastHash: hash,
    accounts: z.array(z.strictObject({ no: z.int(), postedMinor: digits })),
  }) satisfies z.ZodType<BookHead>,
  rows: z.array(row),
  next: word,
})
export type Proof = z.infer<typeof proof>

/** Why a file is no proof, in one sentence. */
export class NoProofError extends Error {
  override name = 'NoProofError'
}

export const parseProof = (text: string, name: string): Proof => {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw new NoProofError(`${name} is not JSON.`)
  }
  const parsed = proof.safeParse(json)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new NoProofError(`${name} is no proof: ${issue?.path.join('.')} ${issue?.message}`)
}

export const readProof = (file: string): Proof => {
  try {
    return parseProof(readFileSync(file, 'utf8'), file)
  } catch (error) {
    if (error instanceof NoProofError) throw error
    throw new NoProofError(`${file} cannot be read.`)
  }
}
