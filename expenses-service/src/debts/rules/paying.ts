/** One payment over everything between two people in one currency. Pure. */
import { asMoney } from '../../amount.ts'
import { ledgerError } from '../../errors.ts'
import { type Book, balanceOf, type Change } from '../../transactions/book.ts'
import type { Words } from '../../transactions/journal.ts'
import { postingsOf, type Terms } from '../rules.ts'
import { enterAll, type Part } from './bundle.ts'

/** A debt between the two, with what its order among them depends on. */
export interface Payable {
  book: Book
  dueOn: string | undefined
}

export interface Payment {
  payerId: string
  currency: string
  amountMinor: bigint
  occurredOn: string
  wordsFor(bookId: string): Words | undefined
}

/**
 * A payment of up to the payer's net clears what the receiver owes the payer, and takes that much more
 * off what the payer owes: oldest due first, those without a day after them, then oldest.
 */
export const pay = (debts: Payable[], payment: Payment, terms: Terms): Change[] => {
  const open = debts
    .filter(({ book }) => book.status === 'open' && balanceOf(book) > 0n)
    .toSorted(dueFirst)
  const isPayers = ({ book }: Payable) =>
    book.participants.some(({ role, userId }) => role === 'borrower' && userId === payment.payerId)
  const owed = open.filter((debt) => !isPayers(debt))
  const owing = open.filter(isPayers)
  const owedMinor = sumOf(owed)
  const netMinor = sumOf(owing) - owedMinor
  if (payment.amountMinor > netMinor) {
    const remaining = asMoney(netMinor > 0n ? netMinor : 0n, payment.currency)
    throw ledgerError('overpayment', { members: { remaining } })
  }
  const parts = owed.map(({ book }) => repaymentPart(book, balanceOf(book), payment))
  let leftMinor = payment.amountMinor + owedMinor
  for (const { book } of owing) {
    if (leftMinor === 0n) break
    const balance = balanceOf(book)
    const taken = balance < leftMinor ? balance : leftMinor
    parts.push(repaymentPart(book, taken, payment))
    leftMinor -= taken
  }
  return enterAll(parts, terms)
}

const sumOf = (debts: Payable[]) => debts.reduce((sum, { book }) => sum + balanceOf(book), 0n)

// ASCII order of dates and instants is their order in time; '~' comes after every digit.
const orderOf = ({ book, dueOn }: Payable) => `${dueOn ?? '~'} ${book.createdAt} ${book.id}`
const dueFirst = (one: Payable, other: Payable) => (orderOf(one) < orderOf(other) ? -1 : 1)

const repaymentPart = (book: Book, amountMinor: bigint, payment: Payment): Part => ({
  book,
  kind: 'repayment',
  amountMinor,
  postings: postingsOf('repayment', amountMinor),
  occurredOn: payment.occurredOn,
  words: payment.wordsFor(book.id),
})
