import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { inviting } from '../testing/invitations.ts'
import { makePerson, type Person, type Reply } from '../testing/people.ts'
import { eur, type Scene, setScene } from '../testing/scene.ts'

const perDay = 3
let scene: Scene

beforeAll(async () => {
  scene = await setScene({ firstContactsPerDay: perDay })
})
afterAll(() => scene.close())

const stranger = () => `${randomUUID()}@example.test`
const ask = (person: Person, email: string, headers = {}) =>
  scene.post(
    person,
    '/v1/debts',
    { role: 'lender', counterparty: { email }, opening: eur('1'), description: 'x' },
    headers,
  )
const refused = { status: 429, body: { code: 'too_many_first_contacts' } }

test('a person asks so many new addresses per day, known here or not, and no more', async () => {
  const key = { 'idempotency-key': randomUUID() }
  const first = await ask(scene.ana, scene.bo.email, key)
  expect(first.status).toBe(201)
  expect((await ask(scene.ana, stranger())).status).toBe(201)
  const known = stranger()
  expect((await ask(scene.ana, known)).status).toBe(201)

  const before = await scene.ledger()
  for (const email of [stranger(), scene.eve.email]) {
    const reply = await ask(scene.ana, email)
    expect(reply).toMatchObject(refused)
    expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(86_000)
  }
  expect(await scene.ledger()).toBe(before)

  // An address that was asked before is no new one, and a repetition is no new request.
  expect((await ask(scene.ana, known.toUpperCase())).status).toBe(201)
  const again = await ask(scene.ana, scene.bo.email, key)
  expect(again).toMatchObject({ status: 201, body: { id: first.body['id'] } })
  // Others are not held back by her.
  expect((await ask(scene.bo, stranger())).status).toBe(201)
})

test('invitations by mail count as well, bare links and names do not', async () => {
  const cy = await makePerson(scene.admin, 'Cy')
  const names = { role: 'lender', counterparty: { name: 'Lee' }, opening: eur('1') }
  const debts: Reply[] = []
  for (let count = 0; count < perDay + 2; count += 1) {
    debts.push(await scene.post(cy, '/v1/debts', { ...names, description: 'x' }))
  }
  const invite = (index: number, body: object) =>
    scene.post(cy, `/v1/debts/${String(debts[index]?.body['id'])}/invitations`, body)
  for (let index = 0; index < perDay; index += 1) {
    expect((await invite(index, { email: stranger() })).status).toBe(201)
  }
  const email = stranger()
  expect(await invite(perDay, { email })).toMatchObject(refused)
  expect(await inviting(scene).jobsTo(email)).toEqual([])
  expect((await invite(perDay, {})).status).toBe(201)
})

test('many at once do not slip through together', async () => {
  const di = await makePerson(scene.admin, 'Di')
  const replies = await Promise.all(Array.from({ length: 20 }, () => ask(di, stranger())))
  expect(replies.filter(({ status }) => status === 201)).toHaveLength(perDay)
  expect(replies.filter(({ status }) => status === 429)).toHaveLength(20 - perDay)
})

test('the next day there is room again', async () => {
  const fay = await makePerson(scene.admin, 'Fay')
  for (let count = 0; count < perDay; count += 1) await ask(fay, stranger())
  expect(await ask(fay, stranger())).toMatchObject(refused)
  await scene.admin.query(
    `UPDATE first_contacts SET at = at - interval '1 day' WHERE user_id = $1`,
    [fay.userId],
  )
  expect((await ask(fay, stranger())).status).toBe(201)
})
