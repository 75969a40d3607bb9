/** Debts and entries as gRPC messages: from a message to what HTTP takes as a body, and back. */
import type {
  AnswerDebtRequest,
  DebtMessage,
  EnterEntryRequest,
  EntryMessage,
  ListDebtsRequest,
  OpenDebtRequest,
} from '@quits/proto/ledger'
import type { EntryView } from '../transactions/entry.ts'
import type { DebtView } from './shapes.ts'

/** Only what was said: an absent field of a message is no field of the body. */
const said = (fields: Record<string, unknown>) =>
  Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined && value !== null),
  )

export const openBodyOf = (message: OpenDebtRequest) =>
  said({
    role: message.role,
    counterparty: said({
      email: message.counterparty?.email,
      name: message.counterparty?.name,
      userId: message.counterparty?.userId,
    }),
    opening: message.opening,
    description: message.description,
    category: message.category,
    occurredOn: message.occurredOn,
    dueOn: message.dueOn,
  })

export const entryBodyOf = (message: EnterEntryRequest) =>
  said({
    kind: message.kind,
    amount: message.amount,
    occurredOn: message.occurredOn,
    note: message.note,
  })

export const answerBodyOf = (message: AnswerDebtRequest) =>
  said({ reason: message.reason, amount: message.suggested })

export const debtsQueryOf = (message: ListDebtsRequest) =>
  said({
    role: message.role,
    status: message.status,
    person: message.person,
    currency: message.currency,
    category: message.category,
    q: message.q,
    archived: message.archived,
    from: message.from,
    to: message.to,
  })

/** The strong ETag that HTTP would have been sent. */
export const ifMatchOf = (message: { ifVersion?: number }): string | undefined =>
  message.ifVersion === undefined ? undefined : `"${message.ifVersion}"`

export const debtMessage = (debt: DebtView): DebtMessage => {
  const { pending, category, dueOn, counterparty, ...rest } = debt
  return {
    ...rest,
    counterparty: {
      name: counterparty.name,
      ...(counterparty.userId === undefined ? {} : { userId: counterparty.userId }),
    },
    pendingIn: pending.in,
    pendingOut: pending.out,
    ...(category === null ? {} : { category }),
    ...(dueOn === null ? {} : { dueOn }),
  }
}

export const entryMessage = ({ enteredBy, ...entry }: EntryView): EntryMessage => ({
  ...entry,
  ...(enteredBy === null ? {} : { enteredBy }),
})
