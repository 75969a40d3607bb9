/** The gRPC edge of `quits.journal.v1.Journal`: between services, without a token. */
import { status } from '@grpc/grpc-js'
import { GrpcRefusal, serve } from '@quits/kit/grpc'
import type { Pool } from '@quits/kit/postgres'
import type { BookEvent } from '@quits/proto/books'
import { hoursOf, type JournalSpan, journalContract, readersMax } from '@quits/proto/journal'
import { loadBooks } from '../transactions/load.ts'
import { eventsFor } from './journal-events.ts'
import {
  booksOfReader,
  booksTaken,
  knownReader,
  readersAfter,
  rowsOfBooks,
} from './journal-store.ts'

/** Rows of so many books are in memory at a time, beside the events that are asked for. */
const booksPerRead = 50
const readMsMax = 60_000
/** About 60 MB of events; whoever has more asks for shorter spans. */
const eventsMax = 100_000
const lowestId = '00000000-0000-0000-0000-000000000000'

interface Told {
  event: BookEvent
  /** The time of the row, or of a later-dated one before it in its book: so sorting keeps order. */
  placeMs: number
}

export const makeJournalService = ({ pool }: { pool: Pool }) => {
  /** Everything this person was told in the span, in order. */
  const toldIn = async ({ userId, fromMs, toMs }: JournalSpan): Promise<BookEvent[]> => {
    const { provedAt, blocked } = await knownReader(pool, userId)
    const told: Told[] = []
    let afterBookId = lowestId
    for (;;) {
      const page = { userId, afterBookId, limit: booksPerRead }
      const bookIds = await booksOfReader(pool, page)
      const [books, rows, taken] = await Promise.all([
        loadBooks(pool, bookIds),
        rowsOfBooks(pool, bookIds),
        booksTaken(pool, userId, bookIds),
      ])
      for (const book of books) {
        const isNewcomer = provedAt !== undefined && provedAt > book.createdAt
        const knownSince = isNewcomer ? provedAt : undefined
        const tookSeat = taken.has(book.id)
        const reader = { userId, knownSince, tookSeat, blocked: new Set(blocked) }
        const journal = rows.filter(({ bookId }) => bookId === book.id)
        let placeMs = 0
        for (const event of eventsFor(reader, book, journal)) {
          placeMs = Math.max(placeMs, Date.parse(event.time))
          const atMs = Date.parse(event.time)
          if (atMs >= Number(fromMs) && atMs < Number(toMs)) told.push({ event, placeMs })
        }
      }
      if (told.length > eventsMax) {
        throw new GrpcRefusal(status.RESOURCE_EXHAUSTED, 'ask for a shorter span')
      }
      const last = bookIds.at(-1)
      if (last === undefined || bookIds.length < booksPerRead) break
      afterBookId = last
    }
    // The sort is stable, so rows of one book with one time stay in their order.
    return told.toSorted((one, other) => one.placeMs - other.placeMs).map(({ event }) => event)
  }

  return serve(
    journalContract,
    {
      async *Readers({ afterUserId, limit }) {
        const after = afterUserId === '' ? lowestId : afterUserId
        const ids = await readersAfter(pool, after, Math.min(limit, readersMax))
        for (const userId of ids) yield { userId }
      },
      async *Read(span) {
        for (const event of await toldIn(span)) yield { event: JSON.stringify(event) }
      },
      async *Hours(span) {
        const events = await toldIn(span)
        yield* hoursOf(events.map(({ id, time }) => ({ id, atMs: Date.parse(time) })))
      },
    },
    { deadlineMsMax: readMsMax },
  )
}
