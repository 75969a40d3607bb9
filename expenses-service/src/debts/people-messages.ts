/** People, payments and invitations as gRPC messages. */
import type {
  InvitationMessage,
  InvitedDebtMessage,
  InvitedEntryMessage,
  PaymentAnswer,
  PersonDetailMessage,
  ProofBookMessage,
  ProofRowMessage,
  TabEntryMessage,
} from '@quits/proto/ledger'
import type { InvitationView } from './invitation-shapes.ts'
import { entryMessage, said } from './messages.ts'
import type { Payment } from './pay-person.ts'
import type { Proof } from './proof.ts'
import type { PersonDetailView } from './shapes.ts'
import type { Shown } from './show-invitation.ts'
import type { TabEntryView } from './tab.ts'

export const personMessage = ({
  consent,
  consentOffered,
  ...person
}: PersonDetailView): PersonDetailMessage => ({ person, consent, consentOffered })

export const tabEntryMessage = ({
  role,
  description,
  ...entry
}: TabEntryView): TabEntryMessage => ({ entry: entryMessage(entry), role, description })

export const paymentMessage = (
  { transactions, ...payment }: Payment,
  replayed: boolean,
): PaymentAnswer => ({ ...payment, entries: transactions.map(entryMessage), replayed })

export const invitationMessage = (invitation: InvitationView): InvitationMessage => said(invitation)

export const invitedDebtMessage = (shown: Shown): InvitedDebtMessage => ({
  inviterName: shown.inviter.name,
  seatRole: shown.seat.role,
  seatName: shown.seat.name,
  status: shown.status,
  balance: shown.balance,
  pendingIn: shown.pending.in,
  pendingOut: shown.pending.out,
  description: shown.description,
  ...(shown.dueOn === null ? {} : { dueOn: shown.dueOn }),
  createdAt: shown.createdAt,
  expiresAt: shown.expiresAt,
  seq: shown.seq,
  hash: shown.hash,
})

export const invitedEntryMessage = ({
  by,
  ...entry
}: Shown['items'][number]): InvitedEntryMessage => ({
  entry: entryMessage({ ...entry, enteredBy: null }),
  byInviter: by === 'inviter',
})

export const proofBookMessage = ({ version, book }: Proof): ProofBookMessage => ({
  version,
  ...book,
})

export const proofRowMessage = ({ words, ...row }: Proof['rows'][number]): ProofRowMessage => ({
  ...said(row),
  words: words === null ? null : said(words),
})
