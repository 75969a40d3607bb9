// The mailer and the notifier are killed in the middle of a story. What people did meanwhile is
// neither lost nor doubled once they run again.
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { codeFor } from '../web/e2e/inbox.ts'
import { type Event, type Person, signUpByHttp } from '../web/e2e/person.ts'
import { freshEmail } from '../web/e2e/stack.ts'
import { repoDir } from './launcher/node-flags.ts'
import { startStack } from './launcher/stack.ts'
import type { Stack } from './launcher/stack.ts'

const storyMsMax = 120_000
const entriesWritten = 24
const killedAfter = 8

let stack: Stack

beforeAll(async () => {
  const env = { ...process.env }
  delete env['QUITS_PORT']
  const dataDir = join(repoDir, '.data', 'killed')
  stack = await startStack({ dataDir, env, fresh: true, ownServers: true, print: () => undefined })
  process.env['QUITS_URL'] = stack.url
  process.env['QUITS_INBOX'] = stack.inbox
}, storyMsMax)

afterAll(() => stack?.stop())

const eur = (minor: string) => ({ minor, currency: 'EUR' })

async function mailsTo(email: string): Promise<unknown[]> {
  const answer = await fetch(`${stack.inbox}/api/messages?to=${encodeURIComponent(email)}`)
  return (await answer.json()) as unknown[]
}

/** A debt that Ana lent and Bo confirmed: its path. */
async function confirmedDebt(ana: Person, bo: Person): Promise<string> {
  const opened = await ana.post<{ id: string }>('/v1/debts', {
    role: 'lender',
    counterparty: { email: bo.email, name: 'Bo' },
    opening: eur('4000'),
    description: 'groceries',
  })
  expect(opened.status).toBe(201)
  const path = `/v1/debts/${opened.body.id}`
  expect((await bo.post(`${path}/accept`, {})).status).toBe(200)
  return path
}

it(
  'a sign-in code asked for while the mailer is dead arrives once, when it lives again',
  async () => {
    const email = freshEmail('bo')
    await stack.services.mailer.kill('SIGKILL')
    expect(stack.services.mailer.isRunning).toBe(false)
    const asked = await fetch(`${stack.url}/v1/users`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'Bo', email }),
    })
    expect(asked.status).toBe(202)
    expect(await mailsTo(email)).toEqual([])

    await stack.services.mailer.restart()
    expect(await codeFor(email)).toMatch(/^\d{8}$/)
    // A later mail has passed through the same queue: a second copy would have come before it.
    await signUpByHttp('Cleo', freshEmail('cleo'))
    expect(await mailsTo(email)).toHaveLength(1)
  },
  storyMsMax,
)

it(
  'entries made while the notifier is killed and started again reach the feed once and in order',
  async () => {
    const ana = await signUpByHttp('Ana', freshEmail('ana'))
    const bo = await signUpByHttp('Bo', freshEmail('bo'))
    const path = await confirmedDebt(ana, bo)
    const before = await bo.listen()
    const { epoch } = before.welcome

    let down: Promise<void> | undefined
    for (let entry = 1; entry <= entriesWritten; entry++) {
      // Killed in full flight: the earlier events are somewhere between Kafka and MongoDB.
      if (entry === killedAfter) down = stack.services.notifier.kill('SIGKILL')
      const written = await ana.post(`${path}/transactions`, {
        kind: 'repayment',
        amount: eur(String(entry)),
      })
      expect(written.status).toBe(201)
    }
    await down
    await stack.services.notifier.restart()

    const events = await catchUp(bo, epoch, 2 + entriesWritten)
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_event, index) => index + 1))
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length)
    const amounts = events.slice(2).map(({ data }) => (data as { amount?: unknown }).amount)
    const expected = Array.from({ length: entriesWritten }, (_, index) => eur(String(index + 1)))
    expect(amounts).toEqual(expected)

    const paidBack = (entriesWritten * (entriesWritten + 1)) / 2
    const debt = await bo.get(path)
    expect(debt.body).toMatchObject({ balance: eur(String(4000 - paidBack)) })
  },
  storyMsMax,
)

/** Everything in the feed from its beginning, once it holds so many events. */
async function catchUp(person: Person, epoch: number, count: number): Promise<Event[]> {
  let events: Event[] = []
  await expect
    .poll(
      async () => {
        const feed = await person.listen({ epoch, seq: 0 })
        if (feed.welcome.head > 0) await feed.next('replayed')
        events = feed.waiting()
        await feed.close()
        return feed.welcome.head
      },
      { timeout: 60_000, interval: 250 },
    )
    .toBeGreaterThanOrEqual(count)
  expect(events).toHaveLength(count)
  return events
}
