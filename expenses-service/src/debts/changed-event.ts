/** The event of a change of words. No journal row: its id is `<book>@<version>`. */
import type { BookEvent } from '@quits/proto/books'
import { asMoney } from '../amount.ts'
import type { OutboxEvent } from '../outbox/event.ts'
import { type Book, balanceOf } from '../transactions/book.ts'
import { partiesOf } from './events.ts'

/** `book` as it is after the change, made by `actorId` at instant `at`. It carries no words. */
export const changedEvent = (book: Book, actorId: string, at: string): OutboxEvent => {
  const event: BookEvent = {
    specversion: '1.0',
    id: `${book.id}@${book.version}`,
    source: '/expenses',
    type: 'debt.changed.v1',
    subject: book.id,
    time: at,
    datacontenttype: 'application/json',
    data: {
      bookId: book.id,
      bookKind: book.kind,
      version: book.version,
      balance: asMoney(balanceOf(book), book.currency),
      actorId,
      parties: partiesOf(book.participants),
    },
  }
  return { topic: 'books', key: book.id, event }
}
