/**
 * Use case: somebody proved that an address is theirs, so the debts that wait for it are shown to
 * them. The opening's event is sent again under its own id: only the newcomer's feed gains it. Set by
 * set, because all of it happens under the locks of a sign-in.
 */
import type { Connection } from '@quits/kit/postgres'
import { addEvents } from '../outbox/store.ts'
import type { Book, Change, Participant } from '../transactions/book.ts'
import { entriesAt } from '../transactions/entry-store.ts'
import { loadBooks, lockBooks } from '../transactions/load.ts'
import { saving } from '../transactions/save.ts'
import { guessCategory } from './category.ts'
import { addMemberships, takeWaiting } from './debt-store.ts'
import { eventOf } from './events.ts'

/** Held to the end of the transaction, by whoever asks an address and by whoever proves it. */
export const lockAddress = async (connection: Connection, address: string): Promise<void> => {
  await connection.query({
    name: 'lock-address',
    text: `SELECT pg_advisory_xact_lock(hashtextextended('address ' || $1, 0))`,
    values: [address],
  })
}

/** Runs in the transaction that verifies the address, which is in normal form. */
export const seatNewcomer = async (
  connection: Connection,
  newcomer: { userId: string; email: string },
): Promise<void> => {
  await lockAddress(connection, newcomer.email)
  const bookIds = await takeWaiting(connection, newcomer.email)
  if (bookIds.length === 0) return
  await lockBooks(connection, bookIds)
  const books = await loadBooks(connection, bookIds)
  const seated = books.flatMap((book) => withNewcomer(book, newcomer.userId))
  for (const statement of saving(seated)) await connection.query(statement)
  await show(connection, newcomer.userId, new Map(seated.map(({ after }) => [after.id, after])))
}

const withNewcomer = (book: Book, userId: string): Change[] => {
  // Somebody who asked another address of their own is not on both sides of a debt.
  if (book.participants.some((one) => one.userId === userId)) return []
  const isFree = ({ seat, userId: holder }: Participant) => seat === 'asked' && holder === undefined
  // The seat was taken by an invitation meanwhile.
  if (!book.participants.some(isFree)) return []
  const participants = book.participants.map((one) => (isFree(one) ? { ...one, userId } : one))
  return [{ before: book, after: { ...book, participants }, appended: [] }]
}

const show = async (connection: Connection, userId: string, books: Map<string, Book>) => {
  const openings = await entriesAt(
    connection,
    [...books.keys()].map((bookId) => ({ bookId, seq: 1 })),
  )
  const debts = openings.flatMap((opening) => {
    const book = books.get(opening.row.bookId)
    return book === undefined ? [] : [{ opening, book }]
  })
  const memberships = debts.map(({ opening, book: { id, createdAt } }) => ({
    bookId: id,
    createdAt,
    category: guessCategory(opening.note ?? ''),
  }))
  await addMemberships(connection, userId, memberships)
  const events = debts.map(({ opening: { row }, book }) =>
    eventOf(row, book, 1, row.status === 'posted' ? { effect: 'opened' } : {}),
  )
  await addEvents(connection, events)
}
