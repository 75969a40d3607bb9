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
  /** Sessions that live, as `session:user`. */
  sessions: string[]
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

const placeOf = (bookId: string, seq: number) => `${bookId}:${seq}`
const keyOf = (bookId: string, userId: string, key: string) => `${bookId}:${userId}:${key}`
const pairOf = (userId: string, other: string) => `${userId}:${other}`

export const makeState = (loaded: Loaded): State => {
  const books = new Map(loaded.books.map((book) => [book.id, book]))
  const entries = new Map<string, Entry>()
  const written = new Map<string, Entry>()
  const sessions = new Set(loaded.sessions)
  const payments = new Map(loaded.payments.map((one) => [pairOf(one.userId, one.key), one]))
  const relations = new Map(loaded.relations.map((one) => [pairOf(one.userId, one.towardsId), one]))

  const keep = (entry: Entry) => {
    const { bookId, seq, enteredBy, key } = entry.row
    entries.set(placeOf(bookId, seq), entry)
    if (key !== undefined) written.set(keyOf(bookId, enteredBy, key), entry)
  }
  for (const entry of loaded.entries) keep(entry)
  for (const entry of loaded.written) keep(entry)

  const change = (bookId: string, seq: number | undefined, by: Partial<Entry>) => {
    const entry = seq === undefined ? undefined : entries.get(placeOf(bookId, seq))
    if (entry !== undefined) keep({ ...entry, ...by })
  }

  return {
    now: loaded.now,
    book: (id) => books.get(id),
    entry: (bookId, seq) => entries.get(placeOf(bookId, seq)),
    written: (bookId, userId, key) => written.get(keyOf(bookId, userId, key)),
    payment: (userId, key) => payments.get(pairOf(userId, key)),
    relationOf: (userId, towardsId) => relations.get(pairOf(userId, towardsId)) ?? strangers,
    signedIn: (sessionId, userId) => sessions.has(`${sessionId}:${userId}`),
    apply({ after, appended }) {
      books.set(after.id, after)
      for (const one of appended) {
        const { row } = one
        keep(entryOfRow(one))
        const answer = { seq: row.seq, kind: row.kind, bundle: row.bundle }
        change(row.bookId, row.resolves, { answer })
        if (row.status === 'posted') change(row.bookId, row.reverses, { undoneBy: row.seq })
      }
    },
    applyKey: (one) => void payments.set(pairOf(one.userId, one.key), one),
  }
}
