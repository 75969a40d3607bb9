/** What the HTTP interface answers (design, HTTP). Money is a string of minor units. */
import type { Money } from '@quits/proto/money'

export interface User {
  id: string
  name: string
  email: string
}

export interface SessionAnswer {
  accessToken: string
  /** RFC 3339. */
  expiresAt: string
  user: User
}

export type Role = 'lender' | 'borrower'

export type DebtStatus = 'proposed' | 'open' | 'settled' | 'declined' | 'withdrawn'

export interface Debt {
  id: string
  /** The reader's own. */
  role: Role
  counterparty: { name: string; userId?: string }
  status: DebtStatus
  oneSided: boolean
  archived: boolean
  balance: Money
  pending: { in: Money; out: Money }
  category: string | null
  description: string
  dueOn: string | null
  createdAt: string
  version: number
}

export type EntryStatus = 'posted' | 'pending' | 'declined' | 'withdrawn' | 'reversed'

/** One row of a debt's journal. */
export interface Entry {
  debtId: string
  seq: number
  /** An open set: a kind this build does not know is shown by its amount alone. */
  kind: string
  status: EntryStatus
  amount: Money
  balance: Money
  enteredBy: string | null
  occurredOn: string
  note?: string
  /** Of an answer that was a no: why, and what the amount should be. */
  reason?: string
  suggested?: Money
  resolves?: number
  reverses?: number
  /** Rows that one act wrote together. */
  bundle?: string
  /** Of a row that waits: what an answer to it answers, and what a yes costs who is asked. */
  together?: { debts: number; entries: number; amount: Money }
  at: string
}

/** An entry beside what its reader knows of the debt it is in. */
export interface TabEntry extends Entry {
  role: Role
  description: string
}

export interface Page<T> {
  items: T[]
  next: string | null
}

/** Figures are digit strings in minor units. */
export interface Total {
  currency: string
  owed: string
  owing: string
}

export interface DebtsPage extends Page<Debt> {
  /** Of every debt that the question keeps, on this page or not. */
  totals: Total[]
}

/** What narrows a list of debts down. */
export interface DebtsFilter {
  role?: Role
  status?: DebtStatus
  /** A user id. */
  person?: string
  currency?: string
  /** As the reader files it. */
  category?: string
  q?: string
  /** Civil dates of the opening, both included. */
  from?: string
  to?: string
  /** Without it, what was put away is left out. */
  archived?: 'true' | 'any'
  /** Only debts in which something waits for the reader. */
  waiting?: 'me'
}

export interface CurrencySummary extends Total {
  pendingIn: string
  pendingOut: string
}

export interface Summary {
  currencies: CurrencySummary[]
}

export interface NewDebt {
  role: Role
  counterparty: { email: string; name?: string } | { name: string } | { userId: string }
  opening: Money
  description: string
  occurredOn: string
  dueOn?: string
  category?: string
}

/** Null takes a due date or a category away. */
export interface DebtChange {
  description?: string
  dueOn?: string | null
  category?: string | null
}

export type EntryKind = 'advance' | 'repayment' | 'forgiveness'

export interface NewEntry {
  kind: EntryKind
  amount: Money
  occurredOn: string
  note?: string
  /** What is paid back beyond the balance opens a debt the other way. */
  surplus?: 'debt'
}

/** Without an amount the entry is undone. */
export interface Correction {
  amount?: Money
  /** Without them, as they were. */
  occurredOn?: string
  note?: string
  reason?: string
}

export interface Refusal {
  reason?: string
  amount?: Money
}

/** What I agree to beforehand when this person enters something. */
export type Consent = { mode: 'ask' } | { mode: 'upTo'; amount: Money } | { mode: 'always' }

/** Somebody I share debts with. */
export interface KnownPerson {
  id: string
  name: string
  /** By me. */
  blocked: boolean
  /** `net` is what I am owed less what I owe; below zero, I owe. */
  balances: (CurrencySummary & { net: string })[]
}

export interface Person extends KnownPerson {
  consent: Consent
  /** The reader said yes to them often enough to be spared the question. */
  consentOffered: boolean
}

export interface NewPayment {
  from: 'me' | 'them'
  amount: Money
  occurredOn: string
  note?: string
}

export interface Payment {
  bundle: string
  status: 'posted' | 'pending'
  transactions: Entry[]
}

/** A link to one debt, as its author reads it. */
export interface Invitation {
  id: string
  mailedTo: string | null
  state: 'open' | 'accepted' | 'declined' | 'revoked' | 'expired'
  createdAt: string
  expiresAt: string
}

export interface MadeInvitation extends Invitation {
  link: string
}

/** A row that a link shows; nobody's user id is in it. */
export type ShownItem = Omit<Entry, 'enteredBy'> & { by: 'inviter' | null }

/** The debt that a link shows, without an account. */
export interface ShownDebt {
  inviter: { name: string }
  /** The side that is offered. */
  seat: { role: Role; name: string }
  status: DebtStatus
  balance: Money
  pending: { in: Money; out: Money }
  description: string
  dueOn: string | null
  /** The place in the history that an acceptance names. */
  seq: number
  hash: string
  items: ShownItem[]
  next: string | null
}
