/** What a row of a debt's history says to its reader, and what a waiting row asks. Pure. */
import type { Debt, Entry, EntryKind, Role } from '../api/shapes.ts'
import { formatMoney } from '../money.ts'
import { fill, t } from './say.ts'

const { entry: words, ask } = t

const resolutions: ReadonlySet<string> = new Set(['accepted', 'declined', 'withdrawn', 'joined'])

/** Rows that only answer another row. */
export const isResolution = ({ kind }: Pick<Entry, 'kind'>): boolean => resolutions.has(kind)

/** What a row that is no answer says to who has this role; `name` is the other one. */
export const sayKind = (entry: Pick<Entry, 'seq' | 'kind'>, role: Role, name: string): string => {
  const first = entry.seq === 1
  const lends = role === 'lender'
  switch (entry.kind) {
    case 'advance':
      if (lends) return first ? words.lentFirst : words.lentMore
      return first ? words.borrowedFirst : words.borrowedMore
    case 'repayment':
      return lends ? fill(words.theyPaid, { name }) : words.youPaid
    case 'forgiveness':
      return lends ? words.youLetGo : fill(words.theyLetGo, { name })
    case 'reversal':
      return words.undone
    default:
      return words.other
  }
}

const sayResolution = (entry: Entry, who: string): string => {
  const values = { who, amount: formatMoney(entry.amount) }
  switch (entry.kind) {
    case 'accepted':
      return fill(words.confirmed, values)
    case 'declined':
      return fill(words.refused, values)
    case 'joined':
      return fill(words.joined, values)
    default:
      return fill(words.tookBack, values)
  }
}

/** What became of rows that do not count, or no longer. */
export const endings = {
  declined: words.notAgreed,
  withdrawn: words.takenBack,
  reversed: words.wasUndone,
} as const

/** How a row moves the balance, as a sign and in a word; undefined when it does not say. */
export const moveOf = ({
  kind,
}: Pick<Entry, 'kind'>): { sign: string; word: string } | undefined => {
  if (kind === 'advance') return { sign: '+', word: words.increase }
  if (kind === 'repayment' || kind === 'forgiveness') return { sign: '−', word: words.decrease }
  return undefined
}

/** Who entered a row, as its reader calls them. */
export const sayWho = (entry: Entry, debt: Debt, me: string): string =>
  entry.enteredBy === me ? t.you : debt.counterparty.name

/** The sentence of a row. */
export const sayEntry = (entry: Entry, debt: Debt, me: string): string =>
  isResolution(entry)
    ? sayResolution(entry, sayWho(entry, debt, me))
    : sayKind(entry, debt.role, debt.counterparty.name)

/** The question that a row entered by the other one asks its reader. */
export const sayQuestion = (entry: Entry, debt: Debt): string => {
  const values = { name: debt.counterparty.name, amount: formatMoney(entry.amount) }
  const questions: Readonly<Record<string, string>> = {
    advance: ask.lentMore,
    repayment: ask.paid,
    forgiveness: ask.letGo,
    reversal: ask.undo,
  }
  return fill(questions[entry.kind] ?? ask.other, values)
}

/** The question of a debt that waits for its reader. */
export const sayDebtQuestion = (debt: Debt): string => {
  const message = debt.description === '' ? ask.debtBare : ask.debt
  const amount = formatMoney(debt.pending.in)
  return fill(message, { name: debt.counterparty.name, amount, what: debt.description })
}

/**
 * The balance once the row counted. A row that had to wait shows what the balance was when it was
 * written; what it made of it stands in the row that accepted it, which is always newer.
 */
export const balanceAfter = (entry: Entry, history: readonly Entry[]): Entry['balance'] =>
  history.find(({ kind, resolves }) => kind === 'accepted' && resolves === entry.seq)?.balance ??
  entry.balance

/** True when the row asks `me`: it waits, and the other one entered it. */
export const asksMe = (entry: Entry, me: string): boolean =>
  entry.status === 'pending' && entry.enteredBy !== me

interface Choice {
  kind: EntryKind
  label: string
  /** Counts only once the other one says yes. */
  waits: boolean
}

/** What each role may add, as choices of the form. At zero nothing is left to pay back. */
export const choicesOf = (debt: Debt): Choice[] => {
  const { add } = t
  const asks = !debt.oneSided
  const all: Choice[] =
    debt.role === 'lender'
      ? [
          {
            kind: 'repayment',
            label: fill(add.theyPaid, { name: debt.counterparty.name }),
            waits: false,
          },
          { kind: 'advance', label: add.lentMore, waits: asks },
          { kind: 'forgiveness', label: add.letGo, waits: false },
        ]
      : [
          { kind: 'repayment', label: add.youPaid, waits: asks },
          { kind: 'advance', label: add.borrowedMore, waits: false },
        ]
  return debt.status === 'settled' ? all.filter(({ kind }) => kind === 'advance') : all
}
