/** The ledger's journal over gRPC: what really happened, for rebuilds and comparisons. */
import { makeGrpcClient } from '@quits/kit/grpc'
import { type BookEvent, parseBookEvent } from '@quits/proto/books'
import { type HourMessage, journalContract, readersMax } from '@quits/proto/journal'

const readMsMax = 60_000

/** Unix milliseconds: from ≤ the event's time < to. */
export interface Span {
  fromMs: number
  toMs: number
}

export type Journal = ReturnType<typeof makeJournal>

/** `address` is host:port of who serves `quits.journal.v1.Journal`. */
export const makeJournal = (address: string) => {
  const client = makeGrpcClient({ contract: journalContract, address })
  const asking = { deadlineMs: readMsMax }
  const requestOf = (userId: string, { fromMs, toMs }: Span) => ({
    userId,
    fromMs: String(fromMs),
    toMs: String(toMs),
  })

  return {
    /** The events of one person's books, oldest first. */
    async read(userId: string, span: Span): Promise<BookEvent[]> {
      const events: BookEvent[] = []
      for await (const { event } of client.stream('Read', requestOf(userId, span), asking)) {
        const parsed = parseBookEvent(event)
        if (!('event' in parsed)) throw new Error(`the journal says ${parsed.poison}`)
        events.push(parsed.event)
      }
      return events
    },

    async hours(userId: string, span: Span): Promise<HourMessage[]> {
      const hours: HourMessage[] = []
      for await (const hour of client.stream('Hours', requestOf(userId, span), asking)) {
        hours.push(hour)
      }
      return hours
    },

    /** Everybody who is in any book. */
    async *readers(): AsyncGenerator<string> {
      for (let afterUserId = ''; ; ) {
        const page: string[] = []
        const wish = { afterUserId, limit: readersMax }
        for await (const { userId } of client.stream('Readers', wish, asking)) page.push(userId)
        yield* page
        if (page.length < readersMax) return
        afterUserId = page.at(-1) ?? ''
      }
    },

    close: () => client.close(),
  }
}
