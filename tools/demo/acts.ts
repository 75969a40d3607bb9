// The words of a story: who takes part, which debts there are, and what is done, in order. Amounts
// are minor units; days count back from the story's last day, so a story is the same on any date.

export type Currency = 'EUR' | 'JPY' | 'KWD'
export type Role = 'lender' | 'borrower'
export type Verdict = 'accepted' | 'declined' | 'withdrawn'
export type EntryKind = 'advance' | 'repayment' | 'forgiveness'

/** What becomes of a debt. `unjoined`: written down by the borrower, the lender has not come yet. */
export type Ending =
  | 'open'
  | 'settled'
  | 'reopened'
  | 'unjoined'
  | 'one-sided'
  | 'proposed'
  | 'declined'
  | 'withdrawn'

export interface Person {
  name: string
  email: string
}

/** One side of a debt. Without an e-mail address it is a name that only the owner sees. */
export interface Party {
  name: string
  email?: string
}

export interface Debt {
  id: string
  ending: Ending
  lender: Party
  borrower: Party
  /** Who writes the debt down. */
  owner: Role
  currency: Currency
  description: string
  category: string
  /** Days after the story's last day; negative when it is past. */
  dueInDays?: number
  /** How the debt stands when every act was done. */
  status: 'proposed' | 'open' | 'settled' | 'declined' | 'withdrawn'
  balanceMinor: bigint
  pendingInMinor: bigint
  pendingOutMinor: bigint
}

interface Done {
  /** Unique in the story; the Idempotency-Key is made from it. */
  id: string
  debtId: string
  /** E-mail address of who does it. */
  by: string
  daysAgo: number
}

export type Act =
  | (Done & { does: 'open'; amountMinor: bigint })
  | (Done & { does: 'enter'; kind: EntryKind; amountMinor: bigint; note?: string })
  | (Done & {
      does: 'answer'
      /** The act that entered what is answered. */
      entryId: string
      verdict: Verdict
      reason?: string
      suggestedMinor?: bigint
    })
  | (Done & { does: 'answer debt'; verdict: Verdict; reason?: string })

export interface Sizes {
  people: number
  debts: number
  /** Advances, repayments and forgiveness, with the openings; answers come on top. */
  entries: number
}

export interface Story {
  seed: number
  sizes: Sizes
  people: Person[]
  debts: Debt[]
  /** In the order in which they happen. */
  acts: Act[]
}
