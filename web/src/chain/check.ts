/**
 * Checks a debt's history in the browser. It shares no code with the server that wrote it: whoever
 * changed, dropped or slipped in a row would have to find another text with the same SHA-256.
 */
import { canonicalForm, type Proof, type ProofRow } from './proof.ts'

/** What is off about a row. */
export type ChainFault =
  /** A row is missing before it, or it stands twice. */
  | 'order'
  /** It does not follow the row before it. */
  | 'link'
  /** It is not the row that was written. */
  | 'row'
  /** Its note or reason is not the one that was written. */
  | 'words'
  /** The balance beside it is not the sum of what was written. */
  | 'balance'
  /** Rows at the end are missing, or it is not the row that was here when this browser last looked. */
  | 'end'

export type ChainReport =
  | { ok: true; rows: number; head: Head; unnamed: number }
  | { ok: false; seq: number; fault: ChainFault }

export interface Head {
  seq: number
  hash: string
}

const genesis = '0'.repeat(64)

const bytesOf = (hex: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))

const sha256 = async (first: string, text: string): Promise<string> => {
  const head = bytesOf(first)
  const tail = new TextEncoder().encode(text)
  const covered = new Uint8Array(head.length + tail.length)
  covered.set(head)
  covered.set(tail, head.length)
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', covered))
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

const wordsHashOf = ({ salt, note, reason, suggestedMinor }: NonNullable<ProofRow['words']>) =>
  sha256(salt, JSON.stringify([note, reason, suggestedMinor]))

/** What the postings of a row add to the first account, which is the balance. */
const addedBy = ({ postings }: ProofRow): bigint =>
  postings.reduce((sum, { debit, credit, amountMinor }) => {
    const amount = BigInt(amountMinor)
    return sum + (debit === 1 ? amount : 0n) - (credit === 1 ? amount : 0n)
  }, 0n)

const faultOf = async (
  row: ProofRow,
  before: { seq: number; hash: string; balance: bigint },
  book: Proof['book'],
): Promise<ChainFault | undefined> => {
  if (row.seq !== before.seq + 1) return 'order'
  if (row.prevHash !== before.hash) return 'link'
  const isNamed = row.enteredBy !== null
  if (isNamed && (await sha256(row.prevHash, canonicalForm(row, book))) !== row.hash) return 'row'
  if (row.words !== null && (await wordsHashOf(row.words)) !== row.wordsHash) return 'words'
  if (BigInt(row.balanceMinor) !== before.balance + addedBy(row)) return 'balance'
  return undefined
}

/**
 * Checks every row from the first to the head. `known` is a head that this browser saw before: a
 * history that was written anew, with new hashes throughout, does not lead through it.
 */
export const checkChain = async (
  book: Proof['book'],
  rows: readonly ProofRow[],
  known?: Head,
): Promise<ChainReport> => {
  let before = { seq: 0, hash: genesis, balance: 0n }
  for (const row of rows) {
    const fault = await faultOf(row, before, book)
    if (fault !== undefined) return { ok: false, seq: row.seq, fault }
    if (row.seq === known?.seq && row.hash !== known.hash) {
      return { ok: false, seq: row.seq, fault: 'end' }
    }
    before = { seq: row.seq, hash: row.hash, balance: BigInt(row.balanceMinor) }
  }
  const isCut = before.seq !== book.lastSeq || before.hash !== book.lastHash
  if (isCut || before.seq < (known?.seq ?? 0)) return { ok: false, seq: before.seq, fault: 'end' }
  const posted = book.accounts.find(({ no }) => no === 1)?.postedMinor
  if (BigInt(posted ?? 0) !== before.balance) {
    return { ok: false, seq: before.seq, fault: 'balance' }
  }
  const unnamed = rows.filter(({ enteredBy }) => enteredBy === null).length
  return { ok: true, rows: rows.length, head: { seq: before.seq, hash: before.hash }, unnamed }
}
