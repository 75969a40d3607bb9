/** Messages of `quits.ledger.v1` about the hash chain of a debt (`ledger-proof.proto`). */

export interface ProofBookMessage {
  version: string
  id: string
  kind: string
  currency: string
  lastSeq: number
  lastHash: string
  accounts: { no: number; postedMinor: string }[]
}

export interface ProofRowMessage {
  seq: number
  kind: string
  status: string
  enteredBy?: string
  occurredOn: string
  amountMinor: string
  balanceMinor: string
  resolves?: number
  reverses?: number
  bundle?: string
  wordsHash?: string
  at: string
  postings: { debit: number; credit: number; amountMinor: string }[]
  prevHash: string
  hash: string
  words: { salt: string; note?: string; reason?: string; suggestedMinor?: string } | null
}

/** One of the two is there. */
export interface ProofPartMessage {
  book?: ProofBookMessage | null
  row?: ProofRowMessage | null
}
