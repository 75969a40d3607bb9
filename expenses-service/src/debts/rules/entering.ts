/** An entry that somebody adds to a debt: an advance, a repayment or a forgiveness. Pure. */
import { ledgerError } from '../../errors.ts'
import { type Book, balanceOf, type Change, type Participant } from '../../transactions/book.ts'
import type { Words } from '../../transactions/journal.ts'
import {
  accountOf,
  type EntryKind,
  postingsOf,
  type Role,
  type Terms,
  writableBook,
} from '../rules.ts'
import { enterAll, type Part } from './bundle.ts'
import { emptyDebt, otherRole } from './opening.ts'

export interface Wish {
  kind: EntryKind
  currency: string
  amountMinor: bigint
  occurredOn: string
  words: Words | undefined
  /** What is paid back beyond the balance opens this debt the other way; undefined: is refused. */
  surplus: { bookId: string; words: Words | undefined } | undefined
}

/** Enters an advance, a repayment or a forgiveness. */
export const enter = (found: Book | undefined, wish: Wish, terms: Terms): Change[] => {
  const book = writableBook(found, terms.request)
  if (wish.currency !== book.currency) throw ledgerError('currency_mismatch')
  return enterAll(partsOf(book, wish, terms.now), terms)
}

const partsOf = (book: Book, wish: Wish, now: string): Part[] => {
  const part = (target: Book, kind: EntryKind, amountMinor: bigint, words: Words | undefined) => ({
    book: target,
    kind,
    amountMinor,
    postings: postingsOf(kind, amountMinor),
    occurredOn: wish.occurredOn,
    words,
  })
  const remaining = balanceOf(book)
  const surplusMinor = wish.amountMinor - remaining
  const { surplus } = wish
  // Somebody who has not taken the seat yet cannot be made to lend; and a debt at zero takes no row.
  const splits =
    wish.kind === 'repayment' &&
    surplusMinor > 0n &&
    remaining > 0n &&
    book.participants.every(({ seat }) => seat !== 'asked')
  if (surplus === undefined || !splits) {
    return [part(book, wish.kind, wish.amountMinor, wish.words)]
  }
  return [
    part(book, 'repayment', remaining, wish.words),
    part(otherWay(book, surplus.bookId, now), 'advance', surplusMinor, surplus.words),
  ]
}

/** A debt between the same two people in which each has the other's part. */
const otherWay = (book: Book, bookId: string, now: string): Book =>
  emptyDebt({
    id: bookId,
    currency: book.currency,
    status: 'proposed',
    createdAt: now,
    participants: book.participants.map((one): Participant => {
      const role = otherRole(one.role as Role)
      return { ...one, no: accountOf[role], role }
    }),
  })
