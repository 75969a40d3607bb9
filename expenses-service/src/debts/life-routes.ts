/** HTTP edge of a debt's life beside its entries: its words, and putting it away for oneself. */
import type { Pool } from '@quits/kit/postgres'
import { type Route, route } from '../routing.ts'
import { makeChangeDebt } from './change-debt.ts'
import { etagOf } from './debt.ts'
import { historyRoutes } from './history-routes.ts'
import { changeBody, emptyBody } from './life-shapes.ts'
import { paths } from './paths.ts'
import { makePutAway } from './put-away.ts'
import { idOf } from './request.ts'
import { debtAnswer } from './shapes.ts'

const ways = [
  { verb: 'archive', archived: true, summary: 'Put a debt away, for yourself only' },
  { verb: 'unarchive', archived: false, summary: 'Take a debt back out, for yourself only' },
]

export const debtLifeRoutes = (deps: { pool: Pool; wakeRelay: () => void }): Route[] => {
  const changeDebt = makeChangeDebt(deps)
  const putAway = makePutAway(deps)

  return [
    ...historyRoutes(deps),
    route({
      method: 'patch',
      path: '/v1/debts/:id',
      summary: 'Change the words, the due date or your category of a debt; needs If-Match',
      access: 'session',
      body: changeBody,
      answers: { 200: debtAnswer },
      async handle({ caller, key, params, body, header }) {
        const id = idOf(params['id'])
        const ifMatch = header('if-match')
        const debt = await changeDebt(id, { caller, key, path: paths.debt(id), ifMatch, body })
        return { status: 200, body: debt, headers: { etag: etagOf(debt) } }
      },
    }),
    ...ways.map(({ verb, archived, summary }) =>
      route({
        method: 'post',
        path: `/v1/debts/:id/${verb}`,
        summary,
        access: 'session',
        body: emptyBody,
        answers: { 200: debtAnswer },
        async handle({ caller, params }) {
          const id = idOf(params['id'])
          const debt = await putAway(caller.userId, id, archived)
          return { status: 200, body: debt, headers: { etag: etagOf(debt) } }
        },
      }),
    ),
  ]
}
