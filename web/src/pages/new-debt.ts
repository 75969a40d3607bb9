/** The form of a new debt as a value: what was typed, what is wrong with it, what it says. Pure. */
import { currencies } from '@quits/proto/currencies'
import { sayAmountFault } from '../amount-fault.ts'
import type { NewDebt } from '../api/shapes.ts'
import { fill, t } from '../messages/say.ts'
import { formatMoney, parseAmount, toTyped } from '../money.ts'
import { dayFault } from '../text-fault.ts'

export interface Draft {
  direction: 'lent' | 'borrowed'
  /** An e-mail address, or just a name. */
  who: string
  /** The user id of somebody the writer shares debts with; empty for others. */
  personId: string
  nickname: string
  amount: string
  currency: string
  what: string
  occurredOn: string
  /** Empty: not due on a day. */
  due: string
  category: string
}

export type DraftFaults = Partial<
  Record<'who' | 'amount' | 'what' | 'occurredOn', string | undefined>
>

export const isEmail = (who: string): boolean => who.includes('@')

const emailShape = /^[^\s@]+@[^\s@]+\.[^\s@]+$/

/** A fault of an address that was typed; an empty one has none. */
export const emailFault = (typed: string): string | undefined =>
  typed.trim() === '' || emailShape.test(typed.trim()) ? undefined : t.emailFault

/** Whom a typed name means, when exactly one of these people is called so. */
export const personNamed = <P extends { id: string; name: string }>(
  people: readonly P[],
  who: string,
): P | undefined => {
  const asked = who.trim().toLowerCase()
  const [person, ...others] = people.filter(({ name }) => name.toLowerCase() === asked)
  return others.length === 0 ? person : undefined
}

const counterpartyOf = ({ who, nickname, personId }: Draft): NewDebt['counterparty'] => {
  if (personId !== '') return { userId: personId }
  const typed = who.trim()
  if (!isEmail(typed)) return { name: typed }
  return { email: typed, ...(nickname.trim() === '' ? {} : { name: nickname.trim() }) }
}

/** The name people will read: the nickname, else what was typed. */
export const nameOf = ({ who, nickname }: Draft): string =>
  isEmail(who) && nickname.trim() !== '' ? nickname.trim() : who.trim()

/** The debt to open, or a fault for each field that has one. */
export const readDraft = (
  draft: Draft,
  today: string,
): { debt: NewDebt } | { faults: DraftFaults } => {
  const faults: DraftFaults = {}
  const who = draft.who.trim()
  const what = draft.what.trim()
  if (who === '') faults.who = t.required
  else if (isEmail(who) && emailFault(who) !== undefined) faults.who = t.emailFault
  if (what === '') faults.what = t.required
  const day = draft.occurredOn === '' ? t.required : dayFault(draft.occurredOn, today)
  if (day !== undefined) faults.occurredOn = day
  const amount = parseAmount(draft.amount, draft.currency)
  if ('fault' in amount) faults.amount = sayAmountFault(amount.fault, draft.currency)
  if ('fault' in amount || Object.keys(faults).length > 0) return { faults }
  return {
    debt: {
      role: draft.direction === 'lent' ? 'lender' : 'borrower',
      counterparty: counterpartyOf(draft),
      opening: amount.money,
      description: what,
      occurredOn: draft.occurredOn,
      ...(draft.due === '' ? {} : { dueOn: draft.due }),
      ...(draft.category.trim() === '' ? {} : { category: draft.category.trim() }),
    },
  }
}

/** The draft as the sentence it will become; undefined while too little is known. */
export const sayDraft = (draft: Draft): string | undefined => {
  const amount = parseAmount(draft.amount, draft.currency)
  const name = nameOf(draft)
  const what = draft.what.trim()
  if ('fault' in amount || name === '' || what === '') return undefined
  const message = draft.direction === 'lent' ? t.write.previewLent : t.write.previewBorrowed
  return fill(message, { name, what, amount: formatMoney(amount.money) })
}

/** What will become of it. */
export const sayConsequence = (draft: Draft): string => {
  if (!isEmail(draft.who) && draft.personId === '') return t.write.onlyYou
  const message = draft.direction === 'lent' ? t.write.willAsk : t.write.willTell
  return fill(message, { name: nameOf(draft) })
}

/** What a link to the form fills in: `/write?with=…&direction=…&amount=…&currency=…&what=…`. */
export interface Prefill {
  with?: string
  direction?: Draft['direction']
  /** Minor units. */
  amount?: string
  currency?: string
  what?: string
}

export const hrefOfDraft = (prefill: Prefill): string =>
  `/write?${new URLSearchParams(Object.entries(prefill))}`

/** The draft that a link begins with; what cannot be read in it is left as it was. */
export const prefilled = (empty: Draft, search: string): Draft => {
  const params = new URLSearchParams(search)
  const asked = params.get('currency') ?? ''
  const currency = currencies.includes(asked) ? asked : empty.currency
  const minor = params.get('amount') ?? ''
  return {
    ...empty,
    direction: params.get('direction') === 'borrowed' ? 'borrowed' : empty.direction,
    personId: params.get('with') ?? '',
    currency,
    amount: /^\d{1,16}$/.test(minor) ? toTyped({ minor, currency }) : empty.amount,
    what: params.get('what') ?? empty.what,
  }
}
