/** HTTP edge of corrections: undoing an entry, or putting another in its place. */
import type { Pool } from '@quits/kit/postgres'
import { type Answer, type Call, type Route, route } from '../routing.ts'
import type { EntryView } from '../transactions/entry.ts'
import type { Writer } from '../transactions/writer.ts'
import { incomingOf, replayHeader } from './call.ts'
import { makeAmendEntry, makeReverseEntry } from './correct-entry.ts'
import { paths } from './paths.ts'
import { idOf, seqOf } from './request.ts'
import { amendBody, entryAnswer, reverseBody } from './shapes.ts'

const placeOf = (call: Call<unknown, unknown>) => ({
  bookId: idOf(call.params['id']),
  seq: seqOf(call.params['seq']),
})

const created = (entry: EntryView, replayed: boolean): Answer => ({
  status: 201,
  body: entry,
  headers: {
    location: `/v1/debts/${entry.debtId}/transactions/${entry.seq}`,
    ...replayHeader(replayed),
  },
})

export const entryRoutes = (deps: { pool: Pool; writer: Writer }): Route[] => {
  const reverseEntry = makeReverseEntry(deps)
  const amendEntry = makeAmendEntry(deps)
  return [
    route({
      method: 'post',
      path: '/v1/debts/:id/transactions/:seq/reverse',
      summary: 'Undo an entry',
      access: 'token',
      key: 'required',
      body: reverseBody,
      answers: { 201: entryAnswer },
      async handle(call) {
        const place = placeOf(call)
        const path = paths.entryVerb(place, 'reverse')
        const { entry, replayed } = await reverseEntry(place, incomingOf(call, path))
        return created(entry, replayed)
      },
    }),
    route({
      method: 'post',
      path: '/v1/debts/:id/transactions/:seq/amend',
      summary: 'Put another entry in the place of one',
      access: 'token',
      key: 'required',
      body: amendBody,
      answers: { 201: entryAnswer },
      async handle(call) {
        const place = placeOf(call)
        const path = paths.entryVerb(place, 'amend')
        const { entry, replayed } = await amendEntry(place, incomingOf(call, path))
        return created(entry, replayed)
      },
    }),
  ]
}
