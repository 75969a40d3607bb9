/** The gRPC edge of `quits.journal.v1.Journal`: between services, without a token. */
import { status } from '@grpc/grpc-js'
import { GrpcRefusal, serve } from '@quits/kit/grpc'
import type { Pool } from '@quits/kit/postgres'
import type { BookEvent } from '@quits/proto/books'
import { hoursOf, type JournalSpan, journalContract, readersMax } from '@quits/proto/journal'
import { readersAfter } from './journal-store.ts'
import { journalRowsPerPage, readJournal } from './read-journal.ts'

const readMsMax = 60_000
/** About 60 MB of events; whoever has more asks for shorter spans. */
const eventsMax = 100_000
const lowestId = '00000000-0000-0000-0000-000000000000'
/** The last instant whose year has four digits, as Postgres and RFC 3339 write it. */
const latestMs = Date.UTC(9_999, 11, 31)

const instantOf = (ms: string): string =>
  new Date(Math.min(Math.max(Number(ms), 0), latestMs)).toISOString()

interface Told {
  event: BookEvent
  /** The time of the row, or of a later-dated one before it in its book: so sorting keeps order. */
  placeMs: number
}

export const makeJournalService = ({
  pool,
  rowsPerPage = journalRowsPerPage,
}: {
  pool: Pool
  rowsPerPage?: number
}) => {
  /** Everything this person was told in the span, in order. */
  const toldIn = async ({ userId, fromMs, toMs }: JournalSpan): Promise<BookEvent[]> => {
    const span = { userId, from: instantOf(fromMs), to: instantOf(toMs) }
    const told: Told[] = []
    for await (const events of readJournal(pool, span, rowsPerPage)) {
      for (const event of events) {
        const before = told.at(-1)
        const floorMs = before?.event.data.bookId === event.data.bookId ? before.placeMs : 0
        told.push({ event, placeMs: Math.max(floorMs, Date.parse(event.time)) })
      }
      if (told.length > eventsMax) {
        throw new GrpcRefusal(status.RESOURCE_EXHAUSTED, 'ask for a shorter span')
      }
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
