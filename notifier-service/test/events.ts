/** Book events for tests, as the ledger would send them. */
import { randomUUID } from 'node:crypto'
import type { BookEvent, BookEventData } from '@quits/proto/books'

/** An event between a lender and a borrower; `data` overrides what the test is about. */
export const makeEvent = (
  people: { lender: string; borrower: string },
  what: { type?: BookEvent['type']; data?: Partial<BookEventData>; id?: string } = {},
): BookEvent => {
  const bookId = what.data?.bookId ?? randomUUID()
  const seq = what.data?.seq ?? 1
  return {
    specversion: '1.0',
    id: what.id ?? `${bookId}:${seq}`,
    source: '/expenses',
    type: what.type ?? 'transaction.posted.v1',
    time: '2026-11-01T10:00:00.000Z',
    datacontenttype: 'application/json',
    data: {
      bookId,
      bookKind: 'debt',
      version: seq,
      seq,
      kind: 'advance',
      status: 'posted',
      amount: { minor: '4000', currency: 'EUR' },
      balance: { minor: '4000', currency: 'EUR' },
      actorId: people.lender,
      parties: [
        { userId: people.lender, role: 'lender', concealed: false },
        { userId: people.borrower, role: 'borrower', concealed: false },
      ],
      ...what.data,
    },
  }
}

/** `count` events of one book, seq 1 to `count`. */
export const makeEvents = (
  people: { lender: string; borrower: string },
  count: number,
  from = 1,
  bookId: string = randomUUID(),
): BookEvent[] =>
  Array.from({ length: count }, (_, index) =>
    makeEvent(people, { data: { bookId, seq: from + index } }),
  )
