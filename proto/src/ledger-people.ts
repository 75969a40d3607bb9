/** Messages of `quits.ledger.v1` about people and invitations (`ledger-people.proto`). */
import type { EntryMessage, PendingTotalMessage } from './ledger-debts.ts'
import type { Money } from './money.ts'

export interface PersonMessage {
  id: string
  name: string
  balances: (PendingTotalMessage & { net: string })[]
  blocked: boolean
}

export interface ConsentMessage {
  mode: string
  amount?: Money | null
}

export interface PersonDetailMessage {
  person: PersonMessage
  consent: ConsentMessage
  consentOffered: boolean
}

export interface TabEntryMessage {
  entry: EntryMessage
  role: string
  description: string
}

export interface PayPersonRequest {
  idempotencyKey: string
  personId: string
  from: string
  amount: Money | null
  occurredOn?: string
  note?: string
}

export interface PaymentAnswer {
  bundle: string
  status: string
  entries: EntryMessage[]
  replayed: boolean
}

export interface SetConsentRequest {
  personId: string
  consent: ConsentMessage | null
}
export interface SetBlockRequest {
  personId: string
  blocked?: boolean
}

export interface InviteRequest {
  idempotencyKey: string
  debtId: string
  email?: string
}

export interface InvitationMessage {
  id: string
  debtId: string
  state: string
  mailedTo?: string
  createdAt: string
  expiresAt: string
}

export interface InvitedAnswer {
  invitation: InvitationMessage
  token: string
  link: string
  replayed: boolean
}

export interface InvitedDebtMessage {
  inviterName: string
  seatRole: string
  seatName: string
  status: string
  balance: Money
  pendingIn: Money
  pendingOut: Money
  description: string
  dueOn?: string
  createdAt: string
  expiresAt: string
  seq: number
  hash: string
}

export interface InvitedEntryMessage {
  entry: EntryMessage
  byInviter: boolean
}

export interface AcceptInvitationRequest {
  idempotencyKey: string
  token: string
  seq: number
  hash: string
  ifVersion?: number
}
