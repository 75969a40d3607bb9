/** A debt as one of its two people reads it. */
import { createHash } from 'node:crypto'
import { asMoney } from '../amount.ts'
import { type Book, balanceOf } from '../transactions/book.ts'
import { seatOf } from './rules.ts'
import type { DebtView } from './shapes.ts'

/** A debt with what only its reader knows of it. */
export interface Debt {
  book: Book
  description: string
  dueOn: string | undefined
  category: string | undefined
  archived: boolean
  /** Names of the users in it, by id. */
  names: Map<string, string>
}

/**
 * The debt for `readerId`. Until the other one agreed to be here, the reader sees the name they gave
 * them and no user id: the answer must not tell whether an address belongs to an account.
 */
export const viewDebt = (debt: Debt, readerId: string): DebtView => {
  const [book, mine] = seatOf(debt.book, readerId)
  const other = book.participants.find(({ no }) => no !== mine.no)
  const known = other?.seat === 'joined' ? other.userId : undefined
  const name = known === undefined ? other?.name : debt.names.get(known)
  const [account] = book.accounts
  return {
    id: book.id,
    role: mine.role as DebtView['role'],
    counterparty: { name: name ?? '', ...(known === undefined ? {} : { userId: known }) },
    status: book.status as DebtView['status'],
    oneSided: other?.seat === 'absent',
    archived: debt.archived,
    balance: asMoney(balanceOf(book), book.currency),
    pending: {
      in: asMoney(account?.pendingInMinor ?? 0n, book.currency),
      out: asMoney(account?.pendingOutMinor ?? 0n, book.currency),
    },
    category: debt.category ?? null,
    description: debt.description,
    dueOn: debt.dueOn ?? null,
    createdAt: book.createdAt,
    version: book.version,
  }
}

/**
 * Strong: the version rises with every change of what the two people share, and the digest tells what
 * changes for its reader alone (archived, category, the other one's name). If-Match compares the version.
 */
export const etagOf = (debt: DebtView): string => {
  const digest = createHash('sha256').update(JSON.stringify(debt)).digest('hex').slice(0, 8)
  return `"${debt.version}-${digest}"`
}
