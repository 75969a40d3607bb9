/** Messages of `quits.ledger.v1` about debts and entries (`ledger-debts.proto`). */
import type { Money } from './money.ts'

export interface CounterpartyMessage {
  email?: string
  name?: string
  userId?: string
}

export interface OpenDebtRequest {
  idempotencyKey: string
  role: string
  counterparty: CounterpartyMessage | null
  opening: Money | null
  description: string
  category?: string
  occurredOn?: string
  dueOn?: string
}

export interface AnswerDebtRequest {
  idempotencyKey: string
  debtId: string
  /** One of `verdictNumbers`. */
  verdict: number
  ifVersion?: number
  reason?: string
  suggested?: Money | null
}
export type AnswerEntryRequest = AnswerDebtRequest & { seq: number }

export interface ChangeDebtRequest {
  debtId: string
  ifVersion?: number
  description?: string
  /** Empty: taken away; so with the category. */
  dueOn?: string
  category?: string
}

export interface EnterEntryRequest {
  idempotencyKey: string
  debtId: string
  kind: string
  amount: Money | null
  occurredOn?: string
  note?: string
  ifVersion?: number
  surplus?: string
}

export interface ReverseEntryRequest {
  idempotencyKey: string
  debtId: string
  seq: number
  ifVersion?: number
  reason?: string
}
export interface AmendEntryRequest extends ReverseEntryRequest {
  amount: Money | null
  occurredOn?: string
  note?: string
}

export interface ListDebtsRequest {
  role?: string
  status?: string
  person?: string
  currency?: string
  category?: string
  q?: string
  archived?: string
  from?: string
  to?: string
  waiting?: string
}

export interface DebtMessage {
  id: string
  role: string
  counterparty: CounterpartyMessage
  status: string
  oneSided: boolean
  archived: boolean
  balance: Money
  pendingIn: Money
  pendingOut: Money
  category?: string
  description: string
  dueOn?: string
  createdAt: string
  version: number
}

export interface EntryMessage {
  debtId: string
  seq: number
  kind: string
  status: string
  amount: Money
  balance: Money
  enteredBy?: string
  occurredOn: string
  note?: string
  reason?: string
  suggested?: Money | null
  resolves?: number
  reverses?: number
  bundle?: string
  hash: string
  at: string
  together?: { debts: number; entries: number; amount: Money } | null
}

export interface DebtAnswer {
  debt: DebtMessage
  replayed: boolean
}
export interface EntryAnswer {
  entry: EntryMessage
  replayed: boolean
}
export interface Refusal {
  code: string
  grpcStatus: number
  title: string
  /** The problem document, JSON. */
  problem: string
}
/** One of the two is there. */
export interface Outcome<A> {
  done?: A
  refused?: Refusal
}

export interface TotalMessage {
  currency: string
  owed: string
  owing: string
}
export interface PendingTotalMessage extends TotalMessage {
  pendingIn: string
  pendingOut: string
}
