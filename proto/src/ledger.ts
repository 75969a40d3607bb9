/**
 * The contract of `quits.ledger.v1.Ledger`, as proto-loader delivers its messages: an absent message
 * is null, an absent `optional` field is not there, an enum is its number.
 */
import { fileURLToPath } from 'node:url'
import type { GrpcContract } from './grpc.ts'
import type { Money } from './money.ts'

/** Most commands that one call may carry. */
export const commandsMax = 256

/** `Verdict` on the wire. */
export const verdictNumbers = { accept: 1, decline: 2, withdraw: 3 } as const

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

interface AnswerRequest {
  idempotencyKey: string
  debtId: string
  verdict: number
  ifVersion?: number
  reason?: string
  suggested?: Money | null
}
export type AnswerDebtRequest = AnswerRequest
export type AnswerEntryRequest = AnswerRequest & { seq: number }

export interface EnterEntryRequest {
  idempotencyKey: string
  debtId: string
  kind: string
  amount: Money | null
  occurredOn?: string
  note?: string
  ifVersion?: number
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

export interface SummaryMessage {
  currencies: {
    currency: string
    owed: string
    owing: string
    pendingIn: string
    pendingOut: string
  }[]
}

export const ledgerContract: GrpcContract<{
  OpenDebt: { request: OpenDebtRequest; response: DebtAnswer }
  OpenDebts: {
    request: { debts: OpenDebtRequest[] }
    response: { outcomes: Outcome<DebtAnswer>[] }
  }
  AnswerDebt: { request: AnswerDebtRequest; response: DebtAnswer }
  GetDebt: { request: { debtId: string }; response: DebtMessage }
  ListDebts: { request: ListDebtsRequest; response: DebtMessage; stream: true }
  EnterEntry: { request: EnterEntryRequest; response: EntryAnswer }
  EnterEntries: {
    request: { entries: EnterEntryRequest[] }
    response: { outcomes: Outcome<EntryAnswer>[] }
  }
  AnswerEntry: { request: AnswerEntryRequest; response: EntryAnswer }
  ListEntries: { request: { debtId: string }; response: EntryMessage; stream: true }
  GetSummary: { request: object; response: SummaryMessage }
}> = {
  file: fileURLToPath(new URL('./ledger.proto', import.meta.url)),
  service: 'quits.ledger.v1.Ledger',
}
