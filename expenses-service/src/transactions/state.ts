/**
 * What a turn knows: the loaded books, entries, keys and sessions, moved on by each command that was
 * decided, so that the next one of the same turn decides as if it had come alone, later. Pure.
 */
import type { Book, Change } from './book.ts'
import { type Entry, entryOfRow } from './entry.ts'
import type { PaymentKey } from './payment-key.ts'
import { type Relation, type RelationOf, strangers } from './relation.ts'

export interface Loaded {
  /** The turn's instant, from the database's clock: RFC 3339 UTC with milliseconds. */
  now: string
  books: Book[]
  entries: Entry[]
  /** Rows that carry a key which somebody in this turn sends. */
  written: Entry[]
  /** Keys of commands that belong to no single book, which somebody in this turn sends. */
  payments: PaymentKey[]
  /** How the people of the books stand to each other, where anybody said so. */
  relations: Relation[]
  /** Sessions that live. */
  sessions: { id: string; userId: string }[]
}

export interface State {
  readonly now: string
  book(id: string): Book | undefined
  entry(bookId: string, seq: number): Entry | undefined
  /** The row that an earlier request with this key wrote. */
  written(bookId: string, userId: string, key: string): Entry | undefined
  /** The same for a key that is kept beside the heart. */
  payment(userId: string, key: string): PaymentKey | undefined
  relationOf: RelationOf
  signedIn(sessionId: string, userId: string): boolean
  /** Moves the state on by what a command decided. */
  apply(change: Change): void
  applyKey(key: PaymentKey): void
}

/** What is known of one book. */
interface Known {
  book: Book | undefined
  entries: Map<number, Entry>
  /** Places of the rows that carry a key: a turn knows a handful of them. */
  keyed: { userId: string; key: string; seq: number }[]
}

/**
 * Nothing is looked up by several ids joined to one text: a text that was never seen before has to be
 * hashed and entered into a table of all texts, which costs more than what is looked up.
 */
export const makeState = (loaded: Loaded): State => {
  const books = new Map<string, Known>()
  const sessions = new Map(loaded.sessions.map(({ id, userId }) => [id, userId]))
  const payments = [...loaded.payments]
  const relations = Map.groupBy(loaded.relations, ({ userId }) => userId)

  const knownOf = (id: string): Known => {
    const known = books.get(id)
    if (known !== undefined) return known
    const fresh: Known = { book: undefined, entries: new Map(), keyed: [] }
    books.set(id, fresh)
    return fresh
  }
  const keep = ({ entries, keyed }: Known, entry: Entry) => {
    const { seq, enteredBy, key } = entry.row
    if (key !== undefined && !entries.has(seq)) keyed.push({ userId: enteredBy, key, seq })
    entries.set(seq, entry)
  }
  for (const book of loaded.books) knownOf(book.id).book = book
  for (const entry of loaded.entries) keep(knownOf(entry.row.bookId), entry)
  for (const entry of loaded.written) keep(knownOf(entry.row.bookId), entry)

  const change = (known: Known, seq: number | undefined, by: Partial<Entry>) => {
    const entry = seq === undefined ? undefined : known.entries.get(seq)
    if (entry !== undefined) keep(known, { ...entry, ...by })
  }

  return {
    now: loaded.now,
    book: (id) => books.get(id)?.book,
    entry: (bookId, seq) => books.get(bookId)?.entries.get(seq),
    written(bookId, userId, key) {
      const known = books.get(bookId)
      const place = known?.keyed.find((one) => one.key === key && one.userId === userId)
      return place === undefined ? undefined : known?.entries.get(place.seq)
    },
    payment: (userId, key) => payments.find((one) => one.key === key && one.userId === userId),
    relationOf: (userId, towardsId) =>
      relations.get(userId)?.find((one) => one.towardsId === towardsId) ?? strangers,
    signedIn: (sessionId, userId) => sessions.get(sessionId) === userId,
    apply({ after, appended }) {
      const known = knownOf(after.id)
      known.book = after
      for (const one of appended) {
        const { row } = one
        keep(known, entryOfRow(one))
        const answer = { seq: row.seq, kind: row.kind, bundle: row.bundle }
        change(known, row.resolves, { answer })
        if (row.status === 'posted') change(known, row.reverses, { undoneBy: row.seq })
      }
    },
    applyKey: (one) => void payments.push(one),
  }
}
