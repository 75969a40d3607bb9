/** Two notifiers that share everything; one of them has a line to MongoDB that can be cut. */
import { randomUUID } from 'node:crypto'
import { rowsOf } from '../src/feed-store.ts'
import { makeBench, makePerson, startNotifier } from './bench.ts'
import { makeLine } from './line.ts'

export type Scene = Awaited<ReturnType<typeof setScene>>

export const setScene = async () => {
  const bench = await makeBench()
  const line = await makeLine(bench.env.MONGO_URL)
  const pings = { FEED_PING_MS: '500', FEED_PONG_MS: '10000' }
  const [here, there] = await Promise.all([
    startNotifier(bench, { ...pings, MONGO_URL: line.url }),
    startNotifier(bench, pings),
  ])
  return {
    bench,
    /** Behind `line`. */
    here,
    there,
    line,
    rows: rowsOf(bench.database),
    send: (events: { id: string }[]) => bench.send(bench.topics.books, events),
    async close(): Promise<void> {
      await Promise.all([here.stop(), there.stop()])
      await line.stop()
      await bench.stop()
    },
  }
}

/** Two people of one debt, and the borrower as one who has devices. */
export const pair = () => {
  const people = { lender: randomUUID(), borrower: randomUUID() }
  return { people, bo: makePerson(people.borrower) }
}

export const upTo = (count: number, from = 1) =>
  Array.from({ length: count }, (_, index) => from + index)
