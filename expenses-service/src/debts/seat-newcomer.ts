/**
 * Use case: somebody proved that an address is theirs, so the debts that wait for it are shown to
 * them. The opening's event is sent again under its own id: only the newcomer's feed gains it.
 */
import type { Connection } from '@quits/kit/postgres'
import { addEvents } from '../outbox/store.ts'
import type { Book } from '../transactions/book.ts'
import { entryOf } from '../transactions/entry-store.ts'
import { loadBooks, lockBooks } from '../transactions/load.ts'
import { saving } from '../transactions/save.ts'
import { guessCategory } from './category.ts'
import { addMembership, takeWaiting } from './debt-store.ts'
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
  for (const book of books) await seat(connection, book, newcomer.userId)
}

const seat = async (connection: Connection, book: Book, userId: string) => {
  // Somebody who asked another address of their own is not on both sides of a debt.
  if (book.participants.some((one) => one.userId === userId)) return
  // The seat was taken by an invitation meanwhile.
  if (!book.participants.some((one) => one.seat === 'asked' && one.userId === undefined)) return
  const participants = book.participants.map((one) =>
    one.seat === 'asked' && one.userId === undefined ? { ...one, userId } : one,
  )
  const after = { ...book, participants }
  for (const statement of saving([{ before: book, after, appended: [] }])) {
    await connection.query(statement)
  }
  const opening = await entryOf(connection, book.id, 1)
  if (opening === undefined) return
  const debt = { bookId: book.id, createdAt: book.createdAt }
  await addMembership(connection, userId, debt, guessCategory(opening.note ?? ''))
  const effect = opening.row.status === 'posted' ? 'opened' : undefined
  await addEvents(connection, [eventOf(opening.row, after, 1, effect)])
}
