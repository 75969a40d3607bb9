// Events of the bench: the same that the ledger sends.
import { createHash } from 'node:crypto'
import type { BookEvent } from '@quits/proto/books'

/** A book's id made of a name. */
export function bookIdOf(name: string): string {
  const hex = createHash('md5').update(name).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`
}

/** An entry of `actorId` in a book of two. */
export const eventOf = (bookId: string, seq: number, people: [string, string]): BookEvent => ({
  specversion: '1.0',
  id: `${bookId}:${seq}`,
  source: '/expenses',
  type: 'transaction.posted.v1',
  time: new Date().toISOString(),
  datacontenttype: 'application/json',
  data: {
    bookId,
    bookKind: 'debt',
    version: seq,
    seq,
    kind: 'advance',
    status: 'posted',
    amount: { minor: '1250', currency: 'EUR' },
    balance: { minor: String(1_250 * seq), currency: 'EUR' },
    occurredOn: '2026-11-01',
    actorId: people[1],
    parties: [
      { userId: people[0], role: 'lender', concealed: false },
      { userId: people[1], role: 'borrower', concealed: false },
    ],
  },
})
