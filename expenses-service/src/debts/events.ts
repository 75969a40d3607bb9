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

const typeOf = (
  row: Pick<Row, 'seq' | 'kind' | 'resolves'>,
  status: Row['status'],
): BookEventType => {
  if (row.seq === 1) return 'debt.proposed.v1'
  if (row.resolves === 1 || row.kind === 'joined') {
    return takesStand[row.kind] ?? 'transaction.resolved.v1'
  }
  if (row.resolves !== undefined) return 'transaction.resolved.v1'
  return status === 'pending' ? 'transaction.proposed.v1' : 'transaction.posted.v1'
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

/** An event of a book, as it leaves. */
export const enveloped = ({
  id,
  type,
  time,
  data,
}: Pick<BookEvent, 'id' | 'type' | 'time' | 'data'>): OutboxEvent => {
  const event: BookEvent = {
    specversion: '1.0',
    id,
    source: '/expenses',
    type,
    subject: data.bookId,
    time,
    datacontenttype: 'application/json',
    data,
  }
  return { topic: 'books', key: data.bookId, event }
}

/** What an event says beside its row, or otherwise than it. */
type Telling = Pick<BookEventData, 'effect' | 'replaces' | 'silent' | 'status'>

type ActRow = Pick<Row, 'seq' | 'kind' | 'resolves' | 'reverses'>

const rankOfEntry = 2

/**
 * The lower, the more a row says of its act: a stand, an entry, an answer; what is undone comes after
 * each. Of answers that say no the one to what was written comes first (see `rules/answering.ts`).
 */
const rankOf = ({ seq, kind, resolves, reverses }: ActRow): number => {
  if (seq === 1) return 0
  if (resolves === 1 || kind === 'joined') return 1
  return (resolves === undefined ? rankOfEntry : 4) + (reverses === undefined ? 0 : 1)
}

/**
 * How the rows of one command in one book are told: one act rings once. The row that says most of it
 * rings and carries what the act did; the others are silent.
 */
export const tellingOf = <R extends ActRow>(
  command: R[],
  effect: Effect | undefined,
): ((row: R) => Telling) => {
  const [ringing] = command.toSorted((one, other) => rankOf(one) - rankOf(other))
  const undone = command.find(({ kind }) => kind === 'reversal')
  const isEntry = ringing !== undefined && rankOf(ringing) === rankOfEntry
  const replaces = isEntry ? undone?.reverses : undefined
  return (row) => {
    // Consent was given beforehand: nothing waits, and nothing is asked.
    const isConsented = command.some(
      ({ kind, resolves }) => kind === 'accepted' && resolves === row.seq,
    )
    const status = isConsented ? { status: 'posted' as const } : {}
    if (row !== ringing) return { ...status, silent: true }
    return {
      ...status,
      ...(effect === undefined ? {} : { effect }),
      ...(replaces === undefined ? {} : { replaces }),
    }
  }
}

/** The event of one row. `version` is the book's after that row. */
export const eventOf = (
  row: Omit<Row, 'postings'>,
  book: Pick<Book, 'kind' | 'participants'>,
  version: number,
  telling: Telling,
): OutboxEvent => {
  const data: BookEventData = {
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
    ...telling,
    actorId: row.enteredBy,
    parties: partiesOf(book.participants),
  }
  const type = typeOf(row, telling.status ?? row.status)
  return enveloped({ id: `${row.bookId}:${row.seq}`, type, time: row.at, data })
}

/** One event per row of the change. `without` are people whom nothing of this reaches. */
export const eventsOf = (change: Change, without: Set<string> = new Set()): OutboxEvent[] => {
  const { after, appended } = change
  const participants = after.participants.filter(
    ({ userId }) => userId === undefined || !without.has(userId),
  )
  const rows = appended.map(({ row }) => row)
  const tell = tellingOf(rows, effectOf(change))
  return appended.map(({ row, book }) =>
    eventOf(row, { kind: after.kind, participants }, book.version, tell(row)),
  )
}

/** The events of a command of `authorId`; people who block the author get none. */
export const eventsOfAll = (
  changes: Change[],
  authorId: string,
  relationOf: RelationOf,
): OutboxEvent[] =>
  changes.flatMap((change) => eventsOf(change, unreached(change.after, authorId, relationOf)))
