// A person of the suite's own, on a running stack: signed up through the front door, with the code
// from the development inbox. Events are made by writing down debts that concern nobody else.
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import { askAt, expectAnswer, patiently } from '../demo/front-door.ts'
import { inboxOf, signInAll } from '../demo/sign-in.ts'
import type { Subject } from './check.ts'

const ticketPart = z.object({ ticket: z.string() })
const debtPart = z.object({ id: z.string() })

/** Signs somebody up at `url`; `inbox` is where the mail of that stack is shown. */
export async function newcomerAt(url: string, inbox: string): Promise<Subject> {
  const ask = patiently(askAt(url), delay)
  const email = `conformance-${randomUUID()}@example.test`
  const entrance = { ask, lettersTo: inboxOf(askAt(inbox)), wait: delay }
  const tokens = await signInAll([{ name: 'Conny', email }], entrance, () => undefined)
  return subjectWith(url, tokens.get(email) ?? '')
}

/** Somebody who is signed in already, by an access token. */
export function subjectWith(url: string, token: string): Subject {
  const ask = patiently(askAt(url), delay)
  return {
    url,
    token: async () => token,
    async ticket() {
      const reply = await ask('POST', '/v1/feed/tickets', { token, body: {} })
      return expectAnswer(ticketPart, reply, 'asking for a ticket').ticket
    },
    async cause(count) {
      for (let made = 0; made < count; made += 1) {
        const body = {
          role: 'lender',
          counterparty: { name: 'Nobody' },
          opening: { minor: '100', currency: 'EUR' },
          description: 'made by the conformance suite',
        }
        const headers = { 'idempotency-key': randomUUID() }
        const reply = await ask('POST', '/v1/debts', { token, headers, body })
        expectAnswer(debtPart, reply, 'writing down a debt')
      }
    },
  }
}
