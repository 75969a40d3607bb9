/** Events that no journal row makes: their ids are `<book>@…`, so a feed keeps them when it is made anew. */
import type { BookEvent, BookEventData } from '@quits/proto/books'
import { asMoney } from '../amount.ts'
import type { OutboxEvent } from '../outbox/event.ts'
import { type Book, balanceOf } from '../transactions/book.ts'
import { enveloped, partiesOf } from './events.ts'

/** `book` as it is after the change of words, made by `actorId` at instant `at`. It carries no words. */
export const changedEvent = (book: Book, actorId: string, at: string): OutboxEvent =>
  eventOf(book, {
    type: 'debt.changed.v1',
    mark: String(book.version),
    time: at,
    actorId,
    parties: partiesOf(book.participants),
  })

/**
 * Somebody said no to an invitation at instant `at`. It concerns only who invited: the other seat is
 * still free, or is that of somebody who was asked by another way.
 */
export const invitationDeclinedEvent = (
  book: Book,
  invitation: { id: string; invitedBy: string },
  actorId: string,
  at: string,
): OutboxEvent =>
  eventOf(book, {
    type: 'invitation.declined.v1',
    mark: invitation.id,
    time: at,
    actorId,
    parties: partiesOf(book.participants).filter(({ userId }) => userId === invitation.invitedBy),
  })

interface Happening
  extends Pick<BookEvent, 'type' | 'time'>,
    Pick<BookEventData, 'actorId' | 'parties'> {
  /** What tells it from all others of its book. */
  mark: string
}

const eventOf = (book: Book, { type, mark, time, actorId, parties }: Happening): OutboxEvent =>
  enveloped({
    id: `${book.id}@${mark}`,
    type,
    time,
    data: {
      bookId: book.id,
      bookKind: book.kind,
      version: book.version,
      balance: asMoney(balanceOf(book), book.currency),
      actorId,
      parties,
    },
  })
