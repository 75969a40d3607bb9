/** The event that a journal row of a debt makes. Its id names the row: `<book>:<seq>`. */
import type { BookEvent, BookEventData, BookEventType } from '@quits/proto/books'
import { asMoney } from '../amount.ts'
import type { OutboxEvent } from '../outbox/event.ts'
import type { Book, Participant } from '../transactions/book.ts'
import type { Row } from '../transactions/journal.ts'
import type { Change } from '../transactions/book.ts'

type Effect = NonNullable<BookEventData['effect']>

const takesStand: Record<string, BookEventType> = {
  accepted: 'debt.accepted.v1',
  joined: 'debt.accepted.v1',
  declined: 'debt.declined.v1',
  withdrawn: 'debt.withdrawn.v1',
}

const typeOf = (row: Pick<Row, 'seq' | 'kind' | 'status' | 'resolves'>): BookEventType => {
  if (row.seq === 1) return 'debt.proposed.v1'
  if (row.resolves === 1 || row.kind === 'joined') {
    return takesStand[row.kind] ?? 'transaction.resolved.v1'
  }
  if (row.resolves !== undefined) return 'transaction.resolved.v1'
  return row.status === 'pending' ? 'transaction.proposed.v1' : 'transaction.posted.v1'
}

/** What a command did to the debt as a whole. */
const effectOf = ({ before, after }: Change): Effect | undefined => {
  const was = before?.status ?? 'proposed'
  if (was === after.status) return undefined
  if (after.status === 'settled') return 'closed'
  if (after.status !== 'open') return undefined
  return was === 'settled' ? 'reopened' : 'opened'
}

const partiesOf = (participants: Participant[]): BookEventData['parties'] =>
  participants.flatMap(({ userId, role, seat }) =>
    userId === undefined
      ? []
      : [{ userId, role: role as 'lender' | 'borrower', concealed: seat !== 'joined' }],
  )

/** The event of one row. `version` and `balanceMinor` are the book's after that row. */
export const eventOf = (
  row: Omit<Row, 'postings'>,
  book: Pick<Book, 'kind' | 'participants'>,
  version: number,
  effect: Effect | undefined,
): OutboxEvent => {
  const event: BookEvent = {
    specversion: '1.0',
    id: `${row.bookId}:${row.seq}`,
    source: '/expenses',
    type: typeOf(row),
    subject: row.bookId,
    time: row.at,
    datacontenttype: 'application/json',
    data: {
      bookId: row.bookId,
      bookKind: book.kind,
      version,
      seq: row.seq,
      kind: row.kind,
      status: row.status,
      amount: asMoney(row.amountMinor, row.currency),
      balance: asMoney(row.balanceMinor, row.currency),
      occurredOn: row.occurredOn,
      ...(row.resolves === undefined ? {} : { resolves: row.resolves }),
      ...(row.reverses === undefined ? {} : { reverses: row.reverses }),
      ...(row.bundle === undefined ? {} : { bundle: row.bundle }),
      hash: row.hash.toString('hex'),
      ...(effect === undefined ? {} : { effect }),
      actorId: row.enteredBy,
      parties: partiesOf(book.participants),
    },
  }
  return { topic: 'books', key: row.bookId, event }
}

/** One event per row of the change; the last row carries what the change did to the debt. */
export const eventsOf = (change: Change): OutboxEvent[] =>
  change.appended.map(({ row, book }, index) => {
    const last = index === change.appended.length - 1
    return eventOf(row, change.after, book.version, last ? effectOf(change) : undefined)
  })
