import { randomUUID } from 'node:crypto'
import { inTransaction } from '@quits/kit/postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makePerson } from '../testing/people.ts'
import { eur, type Scene, setScene } from '../testing/scene.ts'
import { seatNewcomer } from './seat-newcomer.ts'

let scene: Scene

beforeAll(async () => {
  scene = await setScene()
})
afterAll(() => scene.close())

describe('a debt that the lender writes down', () => {
  test('waits for the borrower, counts when accepted, and shrinks when paid back', async () => {
    const proposed = await scene.lend({ email: scene.bo.email, name: 'Bo from work' })
    expect(proposed.status).toBe(201)
    expect(proposed.body).toMatchObject({
      role: 'lender',
      status: 'proposed',
      balance: eur('0'),
      pending: { in: eur('4000'), out: eur('0') },
      counterparty: { name: 'Bo from work' },
    })
    const id = String(proposed.body['id'])
    expect(proposed.text).not.toContain(scene.bo.userId)

    const accepted = await scene.post(scene.bo, `/v1/debts/${id}/accept`, {})
    expect(accepted.body).toMatchObject({ status: 'open', role: 'borrower', balance: eur('4000') })

    const paid = await scene.post(scene.bo, `/v1/debts/${id}/transactions`, {
      kind: 'repayment',
      amount: eur('1500'),
      note: 'cash',
    })
    expect(paid.body).toMatchObject({ status: 'pending', balance: eur('4000'), seq: 3 })
    const confirmed = await scene.post(scene.ana, `/v1/debts/${id}/transactions/3/accept`, {})
    expect(confirmed.body).toMatchObject({ status: 'posted', seq: 3, note: 'cash' })

    const seen = await scene.get(scene.ana, `/v1/debts/${id}`)
    expect(seen.body).toMatchObject({
      balance: eur('2500'),
      counterparty: { name: 'Bo', userId: scene.bo.userId },
      pending: { in: eur('0'), out: eur('0') },
    })
    const history = await scene.get(scene.bo, `/v1/debts/${id}/transactions`)
    expect(history.body['items']).toMatchObject([
      { seq: 4, kind: 'accepted', resolves: 3, amount: eur('1500'), balance: eur('2500') },
      { seq: 3, kind: 'repayment', status: 'posted', enteredBy: scene.bo.userId },
      { seq: 2, kind: 'accepted', resolves: 1, balance: eur('4000') },
      { seq: 1, kind: 'advance', status: 'posted', note: 'groceries', enteredBy: scene.ana.userId },
    ])
  })

  test('takes no entries until it is accepted', async () => {
    const { body } = await scene.lend({ email: scene.bo.email })
    const path = `/v1/debts/${String(body['id'])}/transactions`
    const entry = { kind: 'repayment', amount: eur('100') }
    const refused = await scene.post(scene.bo, path, entry)
    expect(refused).toMatchObject({ status: 409, body: { code: 'debt_not_open' } })
  })

  test('is over when declined, and who declined stays unnamed', async () => {
    const { body } = await scene.lend({ email: scene.bo.email })
    const id = String(body['id'])
    const declined = await scene.post(scene.bo, `/v1/debts/${id}/decline`, {
      reason: 'not me',
      amount: eur('1'),
    })
    expect(declined.body).toMatchObject({ status: 'declined', balance: eur('0') })
    const history = await scene.get(scene.ana, `/v1/debts/${id}/transactions`)
    expect(history.text).not.toContain(scene.bo.userId)
    expect(history.body['items']).toMatchObject([
      { kind: 'declined', enteredBy: null, reason: 'not me', suggested: eur('1') },
      { kind: 'advance', status: 'declined' },
    ])
  })

  test('is withdrawn by who wrote it down, and by nobody else', async () => {
    const { body } = await scene.lend({ email: scene.bo.email })
    const path = `/v1/debts/${String(body['id'])}/withdraw`
    expect(await scene.post(scene.bo, path, {})).toMatchObject({
      status: 403,
      body: { code: 'not_yours_to_answer' },
    })
    expect((await scene.post(scene.ana, path, {})).body).toMatchObject({
      status: 'withdrawn',
    })
  })
})

describe('a debt that the borrower writes down', () => {
  const borrow = async () => {
    const { body } = await scene.post(scene.bo, '/v1/debts', {
      role: 'borrower',
      counterparty: { email: scene.ana.email },
      opening: eur('900'),
      description: 'tickets',
    })
    return body
  }

  test('counts at once, and the lender takes the seat', async () => {
    const debt = await borrow()
    expect(debt).toMatchObject({ status: 'open', balance: eur('900') })
    expect(JSON.stringify(debt)).not.toContain(scene.ana.userId)
    const path = `/v1/debts/${String(debt['id'])}/accept`
    const joined = await scene.post(scene.ana, path, {})
    expect(joined.body).toMatchObject({ status: 'open', role: 'lender', version: 2 })
    expect(await scene.post(scene.ana, path, {})).toMatchObject({
      status: 409,
      body: { code: 'already_answered' },
    })
  })

  test('is undone whole when the lender declines it', async () => {
    const debt = await borrow()
    const id = String(debt['id'])
    const entries = `/v1/debts/${id}/transactions`
    await scene.post(scene.bo, entries, { kind: 'advance', amount: eur('100') })
    await scene.post(scene.bo, entries, { kind: 'repayment', amount: eur('50') })
    const declined = await scene.post(scene.ana, `/v1/debts/${id}/decline`, {})
    expect(declined.body).toMatchObject({
      status: 'declined',
      balance: eur('0'),
      pending: { in: eur('0'), out: eur('0') },
    })
    const { body } = await scene.get(scene.bo, entries)
    expect(body['items']).toMatchObject([
      { kind: 'declined', resolves: 1 },
      { kind: 'declined', resolves: 3 },
      { kind: 'reversal', reverses: 2, balance: eur('0') },
      { kind: 'reversal', reverses: 1, balance: eur('100') },
      { kind: 'repayment', status: 'declined' },
      { kind: 'advance', status: 'reversed' },
      { kind: 'advance', status: 'reversed' },
    ])
  })
})

describe('a debt that only its owner sees', () => {
  test('posts at once, both ways, and is settled at zero', async () => {
    const { body } = await scene.lend({ name: 'Uncle Cleo' })
    expect(body).toMatchObject({ oneSided: true, status: 'open', balance: eur('4000') })
    const path = `/v1/debts/${String(body['id'])}/transactions`
    const back = { kind: 'repayment', amount: eur('4000') }
    expect((await scene.post(scene.ana, path, back)).body).toMatchObject({
      status: 'posted',
      balance: eur('0'),
    })
    const debtPath = `/v1/debts/${String(body['id'])}`
    expect((await scene.get(scene.ana, debtPath)).body['status']).toBe('settled')
    await scene.post(scene.ana, path, { kind: 'advance', amount: eur('5') })
    expect((await scene.get(scene.ana, debtPath)).body['status']).toBe('open')
  })
})

describe('too much paid back', () => {
  test('is refused with what remains, and leaves no row', async () => {
    const id = await scene.openDebtWithBo()
    const before = await scene.ledger()
    const refused = await scene.post(scene.ana, `/v1/debts/${id}/transactions`, {
      kind: 'repayment',
      amount: eur('4001'),
    })
    expect(refused).toMatchObject({
      status: 422,
      body: { code: 'overpayment', remaining: eur('4000') },
    })
    expect(await scene.ledger()).toBe(before)
  })
})

describe('an address that belongs to nobody yet', () => {
  test('answers as one that does, and the newcomer finds the debt', async () => {
    const email = `cleo-${randomUUID()}@example.test`
    const unknown = await scene.lend({ email })
    const known = await scene.lend({ email: scene.bo.email })
    const shape = ({ body }: typeof known) => ({ ...body, id: '', createdAt: '', counterparty: '' })
    expect(shape(unknown)).toEqual(shape(known))
    expect(unknown.body['counterparty']).toEqual({ name: email })

    const cleo = await makePerson(scene.admin, 'Cleo')
    await inTransaction(scene.pool, (connection) =>
      seatNewcomer(connection, { userId: cleo.userId, email }),
    )
    const list = await scene.get(cleo, '/v1/debts')
    const id = String(unknown.body['id'])
    expect(list.body['items']).toMatchObject([{ id, status: 'proposed', role: 'borrower' }])
    const told = await scene.eventsOf(id)
    expect(told).toMatchObject([{ id: `${id}:1` }, { id: `${id}:1` }])
    expect(told[1]?.data.parties).toContainEqual({
      userId: cleo.userId,
      role: 'borrower',
      concealed: true,
    })
    await scene.post(cleo, `/v1/debts/${id}/accept`, {})
    const seen = await scene.get(scene.ana, `/v1/debts/${id}`)
    expect(seen.body['counterparty']).toEqual({ name: 'Cleo', userId: cleo.userId })
  })
})

describe('sums', () => {
  test('the summary is the sum of the postings, per currency and never mixed', async () => {
    const dora = await makePerson(scene.admin, 'Dora')
    const open = (role: string, minor: string, currency: string) =>
      scene.post(dora, '/v1/debts', {
        role,
        counterparty: { name: 'Z' },
        opening: { minor, currency },
        description: 'x',
      })
    await open('lender', '1200', 'JPY')
    await open('lender', '300', 'JPY')
    await open('borrower', '1234567', 'KWD')
    const { body } = await scene.get(dora, '/v1/summary')
    expect(body['currencies']).toEqual([
      { currency: 'JPY', owed: '1500', owing: '0', pendingIn: '0', pendingOut: '0' },
      { currency: 'KWD', owed: '0', owing: '1234567', pendingIn: '0', pendingOut: '0' },
    ])
    const page = await scene.get(dora, '/v1/debts?limit=2')
    const rest = await scene.get(
      dora,

      `/v1/debts?limit=2&cursor=${String(page.body['next'])}`,
    )
    const ids = [page, rest].flatMap(({ body }) => body['items'] as { id: string }[])
    expect(new Set(ids.map(({ id }) => id)).size).toBe(3)
    expect(rest.body['next']).toBeNull()
  })

  test('people are those who agreed to share a debt', async () => {
    await scene.openDebtWithBo()
    const { body } = await scene.get(scene.bo, '/v1/people')
    expect(body['items']).toMatchObject([{ id: scene.ana.userId, name: 'Ana' }])
    const person = await scene.get(scene.ana, `/v1/people/${scene.bo.userId}`)
    expect(person.body['name']).toBe('Bo')
    expect((await scene.get(scene.eve, `/v1/people/${scene.bo.userId}`)).status).toBe(404)
  })
})
