/**
 * Use case: everything one person was told of in a span of time, from the journals of their books. The
 * rows come by the page, and only those of the span: a history costs what is asked of it.
 */
import type { Pool } from '@quits/kit/postgres'
import type { BookEvent } from '@quits/proto/books'
import { loadBooks } from '../transactions/load.ts'
import { blocksOf } from './block-store.ts'
import { commandsOf, eventsFor, type JournalRow } from './journal-events.ts'
import { beginningsOf, booksOfReader, provedSince, rowsInSpan } from './journal-store.ts'

/** Books that are looked at together. */
const booksPerRead = 50
/** Rows in memory at a time, beside the events they make; more than one command can write in a book. */
export const journalRowsPerPage = 1_000
const lowestId = '00000000-0000-0000-0000-000000000000'
const lowest = { bookId: lowestId, seq: 0 }

/** RFC 3339: from ≤ the row's time < to. */
export interface Span {
  userId: string
  from: string
  to: string
}

/** Command by command, book after book; each with the events that the person was told of. */
export async function* readJournal(
  pool: Pool,
  { userId, from, to }: Span,
  rowsPerPage = journalRowsPerPage,
): AsyncGenerator<BookEvent[], void, undefined> {
  const [provedAt, blocks] = await Promise.all([provedSince(pool, userId), blocksOf(pool, userId)])
  for (let afterBookId = lowestId; ; ) {
    const bookIds = await booksOfReader(pool, { userId, afterBookId, limit: booksPerRead })
    const [found, beginnings] = await Promise.all([
      loadBooks(pool, bookIds),
      beginningsOf(pool, userId, bookIds),
    ])
    const books = new Map(found.map((book) => [book.id, book]))
    for await (const command of commandsIn(pool, { bookIds, from, to }, rowsPerPage)) {
      const bookId = command[0]?.bookId ?? ''
      const [book, beginning] = [books.get(bookId), beginnings.get(bookId)]
      if (book === undefined || beginning === undefined) continue
      const isNewcomer = provedAt !== undefined && provedAt > book.createdAt
      const reader = { userId, knownSince: isNewcomer ? provedAt : undefined, blocks }
      yield eventsFor(reader, book, beginning, command)
    }
    const last = bookIds.at(-1)
    if (last === undefined || bookIds.length < booksPerRead) return
    afterBookId = last
  }
}

/** Whole commands: of a full page the last one may go on, and is read again with the next page. */
async function* commandsIn(
  pool: Pool,
  span: { bookIds: string[]; from: string; to: string },
  rowsPerPage: number,
): AsyncGenerator<JournalRow[], void, undefined> {
  for (let after = lowest; ; ) {
    const rows = await rowsInSpan(pool, { ...span, after, limit: rowsPerPage })
    const isLast = rows.length < rowsPerPage
    const commands = commandsOf(rows)
    const whole = isLast ? commands : commands.slice(0, -1)
    yield* whole
    if (isLast) return
    const last = whole.at(-1)?.at(-1)
    if (last === undefined) throw new Error('one command fills a page of the journal')
    after = { bookId: last.bookId, seq: last.seq }
  }
}
