/** HTTP edge of debts and their entries: writes. */
import { type Answer, type Route, route } from '../routing.ts'
import { makeAnswerDebt } from './answer-debt.ts'
import { makeAnswerEntry } from './answer-entry.ts'
import { incomingOf, replayHeader } from './call.ts'
import { etagOf } from './debt.ts'
import { makeEnterEntry } from './enter-entry.ts'
import { makeOpenDebt, type OpenDebtOptions } from './open-debt.ts'
import { paths } from './paths.ts'
import { idOf, seqOf } from './request.ts'
import {
  type DebtView,
  type DeclineBody,
  debtAnswer,
  entryAnswer,
  entryBody,
  openBody,
} from './shapes.ts'
import { verdicts } from './verdicts.ts'

const debtAnswered = (status: number, debt: DebtView, replayed: boolean): Answer => ({
  status,
  body: debt,
  headers: { etag: etagOf(debt), ...replayHeader(replayed) },
})

/** Routes that write. `wakeRelay` is the writer's affair. */
export const debtWriteRoutes = (deps: OpenDebtOptions): Route[] => {
  const openDebt = makeOpenDebt(deps)
  const enterEntry = makeEnterEntry(deps)
  const answerDebt = makeAnswerDebt(deps)
  const answerEntry = makeAnswerEntry(deps)

  return [
    route({
      method: 'post',
      path: '/v1/debts',
      summary: 'Write a debt down',
      access: 'token',
      key: 'required',
      body: openBody,
      answers: { 201: debtAnswer },
      async handle(call) {
        const { debt, replayed } = await openDebt(incomingOf(call, paths.debts))
        const answer = debtAnswered(201, debt, replayed)
        return { ...answer, headers: { ...answer.headers, location: paths.debt(debt.id) } }
      },
    }),
    ...verdicts.map(({ kind, verb, body }) =>
      route<DeclineBody>({
        method: 'post',
        path: `/v1/debts/:id/${verb}`,
        summary: `Answer a debt: ${verb}`,
        access: 'token',
        key: 'required',
        body,
        answers: { 200: debtAnswer },
        async handle(call) {
          const id = idOf(call.params['id'])
          const incoming = incomingOf(call, paths.debtVerb(id, verb))
          const { debt, replayed } = await answerDebt(id, kind, incoming)
          return debtAnswered(200, debt, replayed)
        },
      }),
    ),
    route({
      method: 'post',
      path: '/v1/debts/:id/transactions',
      summary: 'Add an entry to a debt',
      access: 'token',
      key: 'required',
      body: entryBody,
      answers: { 201: entryAnswer },
      async handle(call) {
        const id = idOf(call.params['id'])
        const path = paths.entries(id)
        const { entry, replayed } = await enterEntry(id, incomingOf(call, path))
        const location = `${path}/${entry.seq}`
        return { status: 201, body: entry, headers: { location, ...replayHeader(replayed) } }
      },
    }),
    ...verdicts.map(({ kind, verb, body }) =>
      route<DeclineBody>({
        method: 'post',
        path: `/v1/debts/:id/transactions/:seq/${verb}`,
        summary: `Answer an entry: ${verb}`,
        access: 'token',
        key: 'required',
        body,
        answers: { 200: entryAnswer },
        async handle(call) {
          const place = { bookId: idOf(call.params['id']), seq: seqOf(call.params['seq']) }
          const path = paths.entryVerb(place, verb)
          const { entry, replayed } = await answerEntry(place, kind, incomingOf(call, path))
          return { status: 200, body: entry, headers: { ...replayHeader(replayed) } }
        },
      }),
    ),
  ]
}
