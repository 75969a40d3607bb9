/** HTTP edge of what is between two people as a whole: one payment, standing consent, a block. */
import type { Pool } from '@quits/kit/postgres'
import { type Route, route } from '../routing.ts'
import type { Writer } from '../transactions/writer.ts'
import { incomingOf, replayHeader } from './call.ts'
import { paths } from './paths.ts'
import { makePayPerson } from './pay-person.ts'
import { makeRelate } from './relate.ts'
import { idOf } from './request.ts'
import { tabRoute } from './tab-route.ts'
import { blockBody, consentBody, paymentAnswer, paymentBody } from './shapes.ts'

export const personRoutes = (deps: { pool: Pool; writer: Writer }): Route[] => {
  const payPerson = makePayPerson(deps)
  const relate = makeRelate(deps)
  return [
    tabRoute(deps),
    route({
      method: 'post',
      path: '/v1/people/:id/payments',
      summary: 'One payment over all debts between you in a currency',
      access: 'token',
      key: 'required',
      body: paymentBody,
      answers: { 201: paymentAnswer },
      async handle(call) {
        const id = idOf(call.params['id'])
        const incoming = incomingOf(call, paths.payments(id))
        const { payment, replayed } = await payPerson(id, incoming)
        return { status: 201, body: payment, headers: replayHeader(replayed) }
      },
    }),
    route({
      method: 'put',
      path: '/v1/people/:id/consent',
      summary: 'Ask me, or agree beforehand to what they enter',
      access: 'session',
      body: consentBody,
      answers: { 200: consentBody },
      handle: async ({ caller, params, body }) => ({
        status: 200,
        body: await relate.consent(caller.userId, idOf(params['id']), body),
      }),
    }),
    route({
      method: 'put',
      path: '/v1/people/:id/block',
      summary: 'Let nothing of theirs reach you',
      access: 'session',
      body: blockBody,
      answers: { 200: blockBody },
      handle: async ({ caller, params, body }) => ({
        status: 200,
        body: await relate.block(caller.userId, idOf(params['id']), body),
      }),
    }),
  ]
}
