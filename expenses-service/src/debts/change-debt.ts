/**
 * Use case: change what a debt is called, when it is due, and the category it has for oneself. Words
 * and due date are shared and raise the book's version; a category is private and raises nothing.
 */
import { type Connection, inTransaction, type Pool } from '@quits/kit/postgres'
import { ledgerError } from '../errors.ts'
import { addEvents } from '../outbox/store.ts'
import type { Book } from '../transactions/book.ts'
import { lockBooks } from '../transactions/load.ts'
import { loadRelations } from '../transactions/relation-store.ts'
import { saving } from '../transactions/save.ts'
import { debtOf, saveCategory, saveDebtWords } from './debt-store.ts'
import { type Debt, viewDebt } from './debt.ts'
import type { ChangeBody } from './life-shapes.ts'
import { type Incoming, requestOf } from './request.ts'
import { changedEvent } from './rowless-events.ts'
import { checkVersion, seatOf } from './rules.ts'
import type { DebtView } from './shapes.ts'

interface Options {
  pool: Pool
  wakeRelay: () => void
  /** Throws when the caller, by a deadline, waits no more. */
  refuseLate?: () => void
}

/** Answers with the debt as it stands; without If-Match or with a stale one nothing changes. */
export const makeChangeDebt =
  ({ pool, wakeRelay, refuseLate }: Options) =>
  async (bookId: string, incoming: Incoming<ChangeBody>): Promise<DebtView> => {
    const { userId } = incoming.caller
    if (incoming.ifMatch === undefined) throw ledgerError('precondition_required')
    const debt = await inTransaction(pool, async (connection) => {
      // The lock first: the version that is compared must be the one that is raised.
      await lockBooks(connection, [bookId])
      refuseLate?.()
      const found = await debtOf(connection, userId, bookId)
      if (found === undefined) throw ledgerError('not_found')
      checkVersion(found.book, requestOf(incoming))
      return change(connection, found, userId, incoming.body)
    })
    wakeRelay()
    return viewDebt(debt, userId)
  }

const change = async (
  connection: Connection,
  debt: Debt,
  userId: string,
  body: ChangeBody,
): Promise<Debt> => {
  const category = body.category === undefined ? debt.category : (body.category ?? undefined)
  const description = body.description ?? debt.description
  const dueOn = body.dueOn === undefined ? debt.dueOn : (body.dueOn ?? undefined)
  if (category !== debt.category) await saveCategory(connection, userId, debt.book.id, category)
  const mine = { ...debt, category }
  if (description === debt.description && dueOn === debt.dueOn) return mine

  refuseStranger(debt.book, userId)
  const book = { ...debt.book, version: debt.book.version + 1 }
  for (const statement of saving([{ before: debt.book, after: book, appended: [] }])) {
    await connection.query(statement)
  }
  const at = await saveDebtWords(connection, { bookId: book.id, description, dueOn })
  const without = await whoBlocks(connection, book.id, userId)
  const reached = book.participants.filter((one) => !without.has(one.userId))
  await addEvents(connection, [changedEvent({ ...book, participants: reached }, userId, at)])
  return { ...mine, book, description, dueOn }
}

/** Nothing that somebody does reaches a person who blocks them: the event leaves them out. */
const whoBlocks = async (connection: Connection, bookId: string, userId: string) => {
  const relations = await loadRelations(connection, [bookId])
  const blocking = relations.filter((one) => one.towardsId === userId && one.blocked)
  return new Set<string | undefined>(blocking.map((one) => one.userId))
}

/** Who has not agreed to be here writes nothing that others read, and what is over stays as it is. */
const refuseStranger = (book: Book, userId: string) => {
  const [, mine] = seatOf(book, userId)
  if (mine.seat !== 'joined') throw ledgerError('accept_first')
  if (book.status === 'declined' || book.status === 'withdrawn') throw ledgerError('debt_not_open')
}
