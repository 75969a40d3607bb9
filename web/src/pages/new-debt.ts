/** The form of a new debt as a value: what was typed, what is wrong with it, what it says. Pure. */
import { sayAmountFault } from '../amount-fault.ts'
import type { NewDebt } from '../api/shapes.ts'
import { fill, t } from '../messages/say.ts'
import { formatMoney, parseAmount } from '../money.ts'

export interface Draft {
  direction: 'lent' | 'borrowed'
  /** An e-mail address, or just a name. */
  who: string
  nickname: string
  amount: string
  currency: string
  what: string
  occurredOn: string
  /** Empty: not due on a day. */
  due: string
  category: string
}

export type DraftFaults = Partial<Record<'who' | 'amount' | 'what' | 'occurredOn', string>>

export const isEmail = (who: string): boolean => who.includes('@')

const emailShape = /^[^\s@]+@[^\s@]+\.[^\s@]+$/

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
  else if (isEmail(who) && !emailShape.test(who)) faults.who = t.emailFault
  if (what === '') faults.what = t.required
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(draft.occurredOn)
  if (!isDay || draft.occurredOn > today) faults.occurredOn = t.dateFault
  const amount = parseAmount(draft.amount, draft.currency)
  if ('fault' in amount) faults.amount = sayAmountFault(amount.fault, draft.currency)
  if ('fault' in amount || Object.keys(faults).length > 0) return { faults }
  const nickname = draft.nickname.trim()
  return {
    debt: {
      role: draft.direction === 'lent' ? 'lender' : 'borrower',
      counterparty: isEmail(who)
        ? { email: who, ...(nickname === '' ? {} : { name: nickname }) }
        : { name: who },
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
  if (!isEmail(draft.who)) return t.write.onlyYou
  const message = draft.direction === 'lent' ? t.write.willAsk : t.write.willTell
  return fill(message, { name: nameOf(draft) })
}
