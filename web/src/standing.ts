/** How a person stands, from the lists the server answers. Pure. */
import type { Money } from '@quits/proto/money'
import type { CurrencySummary, Debt, Role } from './api/shapes.ts'
import { isZero } from './money.ts'

export interface Side {
  total: Money
  /** The debts behind the total; incomplete while pages of the list are missing. */
  debts: Debt[]
  /** How many different people; undefined when not every debt is known here. */
  people: number | undefined
}

const otherOf = ({ counterparty }: Debt): string => counterparty.userId ?? `=${counterparty.name}`

const sideOf = (total: Money, role: Role, debts: readonly Debt[], isAll: boolean): Side => {
  const mine = debts.filter(
    (debt) =>
      debt.role === role && debt.balance.currency === total.currency && !isZero(debt.balance),
  )
  return { total, debts: mine, people: isAll ? new Set(mine.map(otherOf)).size : undefined }
}

/** Per currency, what I am owed and what I owe; sides at zero are left out. */
export const standingOf = (
  currencies: readonly CurrencySummary[],
  debts: readonly Debt[],
  isAll: boolean,
): { owed: Side[]; owing: Side[] } => {
  const sides = (role: Role) =>
    currencies
      .map(({ currency, owed, owing }) => ({ minor: role === 'lender' ? owed : owing, currency }))
      .filter((total) => !isZero(total))
      .map((total) => sideOf(total, role, debts, isAll))
  return { owed: sides('lender'), owing: sides('borrower') }
}

/** True when the whole debt waits for its reader's answer. */
export const asksReader = (debt: Debt): boolean =>
  debt.status === 'proposed' && debt.role === 'borrower'

/** What a list shows as the debt's amount: of one that nobody confirmed yet, what it would be. */
export const shownAmount = (debt: Debt): Money =>
  debt.status === 'proposed' ? debt.pending.in : debt.balance

/** Newest first, as the server lists them. */
export const byAge = (one: Debt, other: Debt): number => (one.createdAt < other.createdAt ? 1 : -1)

export const isOver = ({ status }: Debt): boolean =>
  status === 'settled' || status === 'declined' || status === 'withdrawn'

/** True when entries wait in an open debt; whose answer they need is in its history. */
export const hasWaitingEntries = ({ status, pending }: Debt): boolean =>
  status !== 'proposed' && !(isZero(pending.in) && isZero(pending.out))

/** True when the reader asked for the other one's yes and may still take the debt back. */
export const isMineToTakeBack = (debt: Debt): boolean =>
  debt.status === 'proposed' && debt.role === 'lender'

/** True while nobody sits on the other side of a debt that counts or asks to count. */
export const canInvite = ({ counterparty, status }: Debt): boolean =>
  counterparty.userId === undefined && status !== 'declined' && status !== 'withdrawn'
