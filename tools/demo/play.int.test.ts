import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestService, type TestService } from '../../expenses-service/src/testing/service.ts'
import type { Story } from './acts.ts'
import { differences } from './compare.ts'
import type { Ask } from './front-door.ts'
import { lastDayOf, play } from './play.ts'
import { type Entrance, signInAll } from './sign-in.ts'
import { makeStory } from './story.ts'

// Small: what is tried here does not depend on the size.
const sizes = { people: 8, debts: 20, entries: 200 }
const story = makeStory(1, sizes)
let service: TestService
let entrance: Entrance

beforeAll(async () => {
  service = await startTestService()
  const ask: Ask = (method, path, asking) => service.ask(method, path, asking)
  const lettersTo: Entrance['lettersTo'] = async (email) => {
    const mails = await service.mailsTo(email)
    return mails.map(({ code }, index) => ({ id: String(mails.length - index), text: code }))
  }
  const wait = async () => expect.unreachable('the mail is in the outbox at once')
  entrance = { ask, lettersTo, wait }
})
afterAll(() => service.stop())

const tell = async (told: Story) => {
  const { ask } = entrance
  const tokens = await signInAll(told.people, entrance, () => undefined)
  const lastDay = await lastDayOf(told, ask, tokens)
  const played = await play(told, { ask, tokens, lastDay, onAct: () => undefined })
  const found = await differences(told, played.debtIds, { ask, tokens })
  return { ...played, found, tokens }
}

const rowsIn = async (table: string): Promise<number> => {
  const { rows } = await service.admin.query(`SELECT count(*)::int AS count FROM ${table}`)
  return rows[0].count
}

test('a story is told once, however often it is told, and every balance is as it says', async () => {
  const first = await tell(story)
  expect(first).toMatchObject({ written: story.acts.length, recognised: 0, found: [] })
  const ledger = [await rowsIn('books'), await rowsIn('transactions'), await rowsIn('postings')]
  expect(ledger[0]).toBe(20)

  const second = await tell(story)
  expect(second).toMatchObject({ written: 0, recognised: story.acts.length, found: [] })
  expect([await rowsIn('books'), await rowsIn('transactions'), await rowsIn('postings')]).toEqual(
    ledger,
  )
  expect(await rowsIn('users')).toBe(8)

  const { rows } = await service.admin.query(
    `SELECT count(*)::int AS count, max(occurred_on) - min(occurred_on) AS days FROM transactions
     WHERE kind IN ('advance', 'repayment', 'forgiveness')`,
  )
  expect(rows[0].count).toBe(200)
  expect(rows[0].days).toBeGreaterThan(350)
})

test('what somebody changed by hand since is found, and left alone', async () => {
  const { tokens, debtIds } = await tell(story)
  const debt = story.debts.find(({ ending }) => ending === 'proposed')
  const path = `/v1/debts/${debtIds.get(debt?.id ?? '')}/withdraw`
  const token = tokens.get(debt?.lender.email ?? '') ?? ''
  const headers = { 'idempotency-key': 'by-hand' }
  const withdrawn = await service.ask('POST', path, { token, headers, body: {} })
  expect(withdrawn.status).toBe(200)
  const again = await tell(story)
  expect(again).toMatchObject({ written: 0, recognised: story.acts.length })
  expect(again.found.join()).toContain('withdrawn at 0')
})

test('keys of another seed are other keys, and would double every debt', async () => {
  await tell({ ...story, seed: 2 })
  expect(await rowsIn('books')).toBe(40)
})
