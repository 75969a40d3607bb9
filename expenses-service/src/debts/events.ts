/** The event that a journal row of a debt makes. Its id names the row: `<book>:<seq>`. */
import type { BookEvent, BookEventData, BookEventType } from '@quits/proto/books'
import { asMoney } from '../amount.ts'
import type { OutboxEvent } from '../outbox/event.ts'
import type { Book, Change, Participant } from '../transactions/book.ts'
import type { Row } from '../transactions/journal.ts'
import { type RelationOf, unreached } from '../transactions/relation.ts'

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

/** The people of a book whom its events reach. */
export const partiesOf = (participants: Participant[]): BookEventData['parties'] =>
  participants.flatMap(({ userId, role, seat }) =>
    userId === undefined
      ? []
      : [{ userId, role: role as 'lender' | 'borrower', concealed: seat !== 'joined' }],
  )

/**
 * The event of one row. `version` and `balanceMinor` are the book's after that row. `silent` is a
 * further row of one act.
 */
export const eventOf = (
  row: Omit<Row, 'postings'>,
  book: Pick<Book, 'kind' | 'participants'>,
  version: number,
  effect: Effect | undefined,
  silent = false,
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
      hash: row.hash,
      ...(effect === undefined ? {} : { effect }),
      ...(silent ? { silent } : {}),
      actorId: row.enteredBy,
      parties: partiesOf(book.participants),
    },
  }
  return { topic: 'books', key: row.bookId, event }
}

type ActRow = Pick<Row, 'kind' | 'resolves'>

/**
 * Of the rows of one command in one book the one that rings, so that one act rings once: what was
 * written, rather than what was undone for it or was answered, by consent or by the same word.
 */
export const ringingOf = <R extends ActRow>(command: R[]): R | undefined => {
  const entries = command.filter(({ resolves }) => resolves === undefined)
  return entries.find(({ kind }) => kind !== 'reversal') ?? entries[0] ?? command[0]
}

/**
 * One event per row of the change; the last row carries what the change did to the debt. `without`
 * are people whom nothing of this reaches.
 */
export const eventsOf = (change: Change, without: Set<string> = new Set()): OutboxEvent[] => {
  const { after, appended } = change
  const participants = after.participants.filter(
    ({ userId }) => userId === undefined || !without.has(userId),
  )
  const ringing = ringingOf(appended.map(({ row }) => row))
  return appended.map(({ row, book }, index) => {
    const effect = index === appended.length - 1 ? effectOf(change) : undefined
    const seen = { kind: after.kind, participants }
    return eventOf(row, seen, book.version, effect, row !== ringing)
  })
}

/** The events of a command of `authorId`; people who block the author get none. */
export const eventsOfAll = (
  changes: Change[],
  authorId: string,
  relationOf: RelationOf,
): OutboxEvent[] =>
  changes.flatMap((change) => eventsOf(change, unreached(change.after, authorId, relationOf)))
