/**
 * The contract of `quits.ledger.v1.Ledger`, as proto-loader delivers its messages: an absent message
 * is null, an absent `optional` field is not there, an enum is its number.
 */
import { fileURLToPath } from 'node:url'
import type { GrpcContract } from './grpc.ts'
import type {
  AmendEntryRequest,
  AnswerDebtRequest,
  AnswerEntryRequest,
  ChangeDebtRequest,
  DebtAnswer,
  DebtMessage,
  EnterEntryRequest,
  EntryAnswer,
  EntryMessage,
  ListDebtsRequest,
  OpenDebtRequest,
  Outcome,
  PendingTotalMessage,
  ReverseEntryRequest,
  TotalMessage,
} from './ledger-debts.ts'
import type {
  AcceptInvitationRequest,
  ConsentMessage,
  InvitationMessage,
  InvitedAnswer,
  InvitedDebtMessage,
  InvitedEntryMessage,
  InviteRequest,
  PaymentAnswer,
  PayPersonRequest,
  PersonDetailMessage,
  PersonMessage,
  SetBlockRequest,
  SetConsentRequest,
  TabEntryMessage,
} from './ledger-people.ts'
import type { ProofPartMessage } from './ledger-proof.ts'

export type * from './ledger-debts.ts'
export type * from './ledger-people.ts'
export type * from './ledger-proof.ts'

/** Most commands that one call may carry. */
export const commandsMax = 256

/** `Verdict` on the wire. */
export const verdictNumbers = { accept: 1, decline: 2, withdraw: 3 } as const

type One<Q, A> = { request: Q; response: A }
type Many<Q, A> = { request: Q; response: A; stream: true }
type Debt = { debtId: string }

export type LedgerMethods = {
  OpenDebt: One<OpenDebtRequest, DebtAnswer>
  OpenDebts: One<{ debts: OpenDebtRequest[] }, { outcomes: Outcome<DebtAnswer>[] }>
  AnswerDebt: One<AnswerDebtRequest, DebtAnswer>
  AnswerDebts: One<{ answers: AnswerDebtRequest[] }, { outcomes: Outcome<DebtAnswer>[] }>
  ChangeDebt: One<ChangeDebtRequest, DebtMessage>
  ArchiveDebt: One<Debt, DebtMessage>
  UnarchiveDebt: One<Debt, DebtMessage>
  GetDebt: One<Debt, DebtMessage>
  ListDebts: Many<ListDebtsRequest, DebtMessage>
  SumDebts: One<ListDebtsRequest, { totals: TotalMessage[] }>

  EnterEntry: One<EnterEntryRequest, EntryAnswer>
  EnterEntries: One<{ entries: EnterEntryRequest[] }, { outcomes: Outcome<EntryAnswer>[] }>
  AnswerEntry: One<AnswerEntryRequest, EntryAnswer>
  AnswerEntries: One<{ answers: AnswerEntryRequest[] }, { outcomes: Outcome<EntryAnswer>[] }>
  ReverseEntry: One<ReverseEntryRequest, EntryAnswer>
  AmendEntry: One<AmendEntryRequest, EntryAnswer>
  GetEntry: One<{ debtId: string; seq: number }, EntryMessage>
  ListEntries: Many<{ debtId: string; beforeSeq?: number; waiting?: string }, EntryMessage>
  ReadHistory: Many<{ debtId: string; afterSeq?: number }, EntryMessage>
  ReadProof: Many<{ debtId: string; afterSeq?: number }, ProofPartMessage>

  GetSummary: One<object, { currencies: PendingTotalMessage[] }>

  ListPeople: Many<object, PersonMessage>
  GetPerson: One<{ personId: string }, PersonDetailMessage>
  ListTab: Many<{ personId: string }, TabEntryMessage>
  PayPerson: One<PayPersonRequest, PaymentAnswer>
  SetConsent: One<SetConsentRequest, ConsentMessage>
  SetBlock: One<SetBlockRequest, { blocked: boolean }>

  Invite: One<InviteRequest, InvitedAnswer>
  ListInvitations: Many<Debt, InvitationMessage>
  RevokeInvitation: One<{ debtId: string; invitationId: string }, object>
  ShowInvitation: One<{ token: string }, InvitedDebtMessage>
  ListInvitedEntries: Many<{ token: string; beforeSeq?: number }, InvitedEntryMessage>
  AcceptInvitation: One<AcceptInvitationRequest, DebtAnswer>
  DeclineInvitation: One<{ idempotencyKey: string; token: string }, { replayed: boolean }>
}

export const ledgerContract: GrpcContract<LedgerMethods> = {
  file: fileURLToPath(new URL('./ledger.proto', import.meta.url)),
  service: 'quits.ledger.v1.Ledger',
}
