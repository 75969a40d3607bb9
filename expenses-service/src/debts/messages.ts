/** Debts and entries as gRPC messages: from a message to what HTTP takes as a body, and back. */
import type {
  AnswerDebtRequest,
  ChangeDebtRequest,
  DebtMessage,
  EntryMessage,
  OpenDebtRequest,
} from '@quits/proto/ledger'
import type { DebtView } from './shapes.ts'
import type { ReadEntryView } from './together.ts'

/** Without what is null or undefined: there an `optional` field says nothing. */
type Said<T> = { [K in keyof T as Silent<T[K]> extends true ? never : K]: T[K] } & {
  [K in keyof T as Silent<T[K]> extends true ? K : never]?: NonNullable<T[K]>
}
type Silent<V> = null extends V ? true : undefined extends V ? true : false

/** What was said: a null or absent field of one side is no field of the other. */
export const said = <T extends object>(fields: T): Said<T> =>
  Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined && value !== null),
  ) as Said<T>

/** The fields of a message that are fields of a body under the same name. */
export const bodyOf = <M extends object>(message: M, ...names: (keyof M & string)[]) =>
  said(Object.fromEntries(names.map((name) => [name, message[name]])))

export const openBodyOf = (message: OpenDebtRequest) => ({
  ...bodyOf(message, 'role', 'opening', 'description', 'category', 'occurredOn', 'dueOn'),
  counterparty:
    message.counterparty === null ? {} : bodyOf(message.counterparty, 'email', 'name', 'userId'),
})

export const answerBodyOf = ({ reason, suggested }: AnswerDebtRequest) =>
  said({ reason, amount: suggested })

/** An empty text takes away what null takes away over HTTP. */
export const changeBodyOf = (message: ChangeDebtRequest) => {
  const { dueOn, category, ...rest } = bodyOf(message, 'description', 'dueOn', 'category')
  return {
    ...rest,
    ...(dueOn === undefined ? {} : { dueOn: dueOn === '' ? null : dueOn }),
    ...(category === undefined ? {} : { category: category === '' ? null : category }),
  }
}

/** The strong ETag that HTTP would have been sent. */
export const ifMatchOf = (message: { ifVersion?: number }): string | undefined =>
  message.ifVersion === undefined ? undefined : `"${message.ifVersion}"`

export const debtMessage = ({ pending, counterparty, ...debt }: DebtView): DebtMessage => ({
  ...said(debt),
  counterparty: said(counterparty),
  pendingIn: pending.in,
  pendingOut: pending.out,
})

export const entryMessage = (entry: ReadEntryView): EntryMessage => said(entry)
