/** A ledger's journal for tests: whatever is put into `events`, served over real gRPC. */
import { makeGrpcPart, serve } from '@quits/kit/grpc'
import type { BookEvent } from '@quits/proto/books'
import { hoursOf, type JournalSpan, journalContract } from '@quits/proto/journal'
import { log, runParts } from './bench.ts'

export const startJournal = async () => {
  const state = { events: [] as BookEvent[], onRead: async () => {} }
  const told = ({ userId, fromMs, toMs }: JournalSpan) =>
    state.events.filter(({ data, time }) => {
      const atMs = Date.parse(time)
      const isIn = atMs >= Number(fromMs) && atMs < Number(toMs)
      return isIn && data.parties.some((party) => party.userId === userId)
    })
  const service = serve(journalContract, {
    async *Readers({ afterUserId, limit }) {
      const ids = state.events.flatMap(({ data }) => data.parties.map(({ userId }) => userId))
      const sorted = [...new Set(ids)].toSorted((one, other) => (one < other ? -1 : 1))
      for (const userId of sorted.filter((id) => id > afterUserId).slice(0, limit)) {
        yield { userId }
      }
    },
    async *Read(span) {
      const events = told(span)
      await state.onRead()
      for (const event of events) yield { event: JSON.stringify(event) }
    },
    async *Hours(span) {
      yield* hoursOf(told(span).map(({ id, time }) => ({ id, atMs: Date.parse(time) })))
    },
  })
  const part = makeGrpcPart({ host: '127.0.0.1', port: 0, services: [service], log })
  const stop = runParts([part])
  return { state, address: `127.0.0.1:${await part.listening}`, stop }
}
