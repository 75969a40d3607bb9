import { randomUUID } from 'node:crypto'
import { inTransaction } from '@quits/kit/postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeTestDatabase, type TestDatabase } from '../testing/database.ts'
import { makePerson, type Person, serveDebts } from '../testing/people.ts'
import { seatNewcomer } from './seat-newcomer.ts'

let database: TestDatabase
let server: Awaited<ReturnType<typeof serveDebts>>
let ana: Person
let bo: Person
let eve: Person

beforeAll(async () => {
  database = await makeTestDatabase()
  server = await serveDebts(database.pool)
  ana = await makePerson(database.admin, 'Ana')
  bo = await makePerson(database.admin, 'Bo')
  eve = await makePerson(database.admin, 'Eve')
})
afterAll(async () => {
  await server.close()
  await database.drop()
})

const eur = (minor: string) => ({ minor, currency: 'EUR' })

const lend = (to: Record<string, unknown>, minor = '4000', headers = {}) =>
  server.request(
    ana,
    'POST',
    '/v1/debts',
    { role: 'lender', counterparty: to, opening: eur(minor), description: 'groceries' },
    headers,
  )

const openDebtWithBo = async () => {
  const { body } = await lend({ email: bo.email })
  const id = String(body['id'])
  const accepted = await server.request(bo, 'POST', `/v1/debts/${id}/accept`, {})
  expect(accepted.status).toBe(200)
  return id
}

/** Everything the ledger holds, as one text: a refusal must leave it as it was. */
const ledger = async () => {
  const tables = ['books', 'accounts', 'participants', 'transactions', 'postings', 'outbox_events']
  const rows = await Promise.all(
    tables.map((table) => database.admin.query(`SELECT t::text FROM ${table} t ORDER BY 1`)),
  )
  return JSON.stringify(rows.map((result) => result.rows))
}

describe('a debt that the lender writes down', () => {
  test('waits for the borrower, counts when accepted, and shrinks when paid back', async () => {
    const proposed = await lend({ email: bo.email, name: 'Bo from work' })
    expect(proposed.status).toBe(201)
    expect(proposed.body).toMatchObject({
      role: 'lender',
      status: 'proposed',
      balance: eur('0'),
      pending: { in: eur('4000'), out: eur('0') },
      counterparty: { name: 'Bo from work' },
    })
    const id = String(proposed.body['id'])
    expect(proposed.text).not.toContain(bo.userId)

    const accepted = await server.request(bo, 'POST', `/v1/debts/${id}/accept`, {})
    expect(accepted.body).toMatchObject({ status: 'open', role: 'borrower', balance: eur('4000') })

    const paid = await server.request(bo, 'POST', `/v1/debts/${id}/transactions`, {
      kind: 'repayment',
      amount: eur('1500'),
      note: 'cash',
    })
    expect(paid.body).toMatchObject({ status: 'pending', balance: eur('4000'), seq: 3 })
    const confirmed = await server.request(ana, 'POST', `/v1/debts/${id}/transactions/3/accept`, {})
    expect(confirmed.body).toMatchObject({ status: 'posted', seq: 3, note: 'cash' })

    const seen = await server.request(ana, 'GET', `/v1/debts/${id}`)
    expect(seen.body).toMatchObject({
      balance: eur('2500'),
      counterparty: { name: 'Bo', userId: bo.userId },
      pending: { in: eur('0'), out: eur('0') },
    })
    const history = await server.request(bo, 'GET', `/v1/debts/${id}/transactions`)
    expect(history.body['items']).toMatchObject([
      { seq: 4, kind: 'accepted', resolves: 3, amount: eur('1500'), balance: eur('2500') },
      { seq: 3, kind: 'repayment', status: 'posted', enteredBy: bo.userId },
      { seq: 2, kind: 'accepted', resolves: 1, balance: eur('4000') },
      { seq: 1, kind: 'advance', status: 'posted', note: 'groceries', enteredBy: ana.userId },
    ])
  })

  test('takes no entries until it is accepted', async () => {
    const { body } = await lend({ email: bo.email })
    const path = `/v1/debts/${String(body['id'])}/transactions`
    const entry = { kind: 'repayment', amount: eur('100') }
    const refused = await server.request(bo, 'POST', path, entry)
    expect(refused).toMatchObject({ status: 409, body: { code: 'debt_not_open' } })
  })

  test('is over when declined, and who declined stays unnamed', async () => {
    const { body } = await lend({ email: bo.email })
    const id = String(body['id'])
    const declined = await server.request(bo, 'POST', `/v1/debts/${id}/decline`, {
      reason: 'not me',
      amount: eur('1'),
    })
    expect(declined.body).toMatchObject({ status: 'declined', balance: eur('0') })
    const history = await server.request(ana, 'GET', `/v1/debts/${id}/transactions`)
    expect(history.text).not.toContain(bo.userId)
    expect(history.body['items']).toMatchObject([
      { kind: 'declined', enteredBy: null, reason: 'not me', suggested: eur('1') },
      { kind: 'advance', status: 'declined' },
    ])
  })

  test('is withdrawn by who wrote it down, and by nobody else', async () => {
    const { body } = await lend({ email: bo.email })
    const path = `/v1/debts/${String(body['id'])}/withdraw`
    expect(await server.request(bo, 'POST', path, {})).toMatchObject({
      status: 403,
      body: { code: 'not_yours_to_answer' },
    })
    expect((await server.request(ana, 'POST', path, {})).body).toMatchObject({
      status: 'withdrawn',
    })
  })
})

describe('a debt that the borrower writes down', () => {
  const borrow = async () => {
    const { body } = await server.request(bo, 'POST', '/v1/debts', {
      role: 'borrower',
      counterparty: { email: ana.email },
      opening: eur('900'),
      description: 'tickets',
    })
    return body
  }

  test('counts at once, and the lender takes the seat', async () => {
    const debt = await borrow()
    expect(debt).toMatchObject({ status: 'open', balance: eur('900') })
    expect(JSON.stringify(debt)).not.toContain(ana.userId)
    const path = `/v1/debts/${String(debt['id'])}/accept`
    const joined = await server.request(ana, 'POST', path, {})
    expect(joined.body).toMatchObject({ status: 'open', role: 'lender', version: 2 })
    expect(await server.request(ana, 'POST', path, {})).toMatchObject({
      status: 409,
      body: { code: 'already_answered' },
    })
  })

  test('is undone whole when the lender declines it', async () => {
    const debt = await borrow()
    const id = String(debt['id'])
    const entries = `/v1/debts/${id}/transactions`
    await server.request(bo, 'POST', entries, { kind: 'advance', amount: eur('100') })
    await server.request(bo, 'POST', entries, { kind: 'repayment', amount: eur('50') })
    const declined = await server.request(ana, 'POST', `/v1/debts/${id}/decline`, {})
    expect(declined.body).toMatchObject({
      status: 'declined',
      balance: eur('0'),
      pending: { in: eur('0'), out: eur('0') },
    })
    const { body } = await server.request(bo, 'GET', entries)
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
    const { body } = await lend({ name: 'Uncle Cleo' })
    expect(body).toMatchObject({ oneSided: true, status: 'open', balance: eur('4000') })
    const path = `/v1/debts/${String(body['id'])}/transactions`
    const back = { kind: 'repayment', amount: eur('4000') }
    expect((await server.request(ana, 'POST', path, back)).body).toMatchObject({
      status: 'posted',
      balance: eur('0'),
    })
    const debtPath = `/v1/debts/${String(body['id'])}`
    expect((await server.request(ana, 'GET', debtPath)).body['status']).toBe('settled')
    await server.request(ana, 'POST', path, { kind: 'advance', amount: eur('5') })
    expect((await server.request(ana, 'GET', debtPath)).body['status']).toBe('open')
  })
})

describe('too much paid back', () => {
  test('is refused with what remains, and leaves no row', async () => {
    const id = await openDebtWithBo()
    const before = await ledger()
    const refused = await server.request(ana, 'POST', `/v1/debts/${id}/transactions`, {
      kind: 'repayment',
      amount: eur('4001'),
    })
    expect(refused).toMatchObject({
      status: 422,
      body: { code: 'overpayment', remaining: eur('4000') },
    })
    expect(await ledger()).toBe(before)
  })
})

describe('amounts that are none', () => {
  const amounts: [string, unknown, string][] = [
    ['zero', eur('0'), 'invalid_amount'],
    ['negative', eur('-5'), 'invalid_amount'],
    ['a fraction', eur('1.5'), 'invalid_amount'],
    ['an exponent', eur('1e3'), 'invalid_amount'],
    ['a number', { minor: 100, currency: 'EUR' }, 'invalid_amount'],
    ['above 2^63 - 1', eur('9223372036854775808'), 'invalid_amount'],
    ['above 10^15', eur('1000000000000001'), 'invalid_amount'],
    ['other digits', eur('١٢'), 'invalid_amount'],
    ['an unknown currency', { minor: '100', currency: 'XXX' }, 'unknown_currency'],
    ['a small-letter currency', { minor: '100', currency: 'eur' }, 'unknown_currency'],
    ['a missing currency', { minor: '100' }, 'unknown_currency'],
    ['an unknown field', { ...eur('100'), digits: 2 }, 'unknown_field'],
    ['another currency than the debt', { minor: '100', currency: 'USD' }, 'currency_mismatch'],
  ]

  test.each(amounts)(
    '%s is a 4xx with a stable code and changes nothing',
    async (_, amount, code) => {
      const id = await openDebtWithBo()
      const before = await ledger()
      const refused = await server.request(ana, 'POST', `/v1/debts/${id}/transactions`, {
        kind: 'advance',
        amount,
      })
      expect(refused.status).toBe(422)
      expect(refused.body['code']).toBe(code)
      expect(refused.headers.get('content-type')).toBe('application/problem+json')
      expect(await ledger()).toBe(before)
    },
  )

  test('the check can fail: a good amount changes the tables', async () => {
    const id = await openDebtWithBo()
    const before = await ledger()
    const path = `/v1/debts/${id}/transactions`
    const good = { kind: 'advance', amount: eur('1000000000000') }
    expect((await server.request(ana, 'POST', path, good)).status).toBe(201)
    expect(await ledger()).not.toBe(before)
  })
})

describe('keys', () => {
  test('a missing or unreadable key is refused', async () => {
    const id = await openDebtWithBo()
    const path = `/v1/debts/${id}/transactions`
    const body = { kind: 'advance', amount: eur('5') }
    const long = { 'idempotency-key': 'x'.repeat(256) }
    expect((await server.request(ana, 'POST', path, body, long)).body['code']).toBe(
      'idempotency_key_invalid',
    )
    const none = { 'idempotency-key': '' }
    expect((await server.request(ana, 'POST', path, body, none)).status).toBe(400)
  })

  test('fifty at once have one effect and one answer, byte for byte', async () => {
    const id = await openDebtWithBo()
    const key = { 'idempotency-key': randomUUID() }
    const body = { kind: 'repayment', amount: eur('10') }
    const replies = await Promise.all(
      Array.from({ length: 50 }, () =>
        server.request(ana, 'POST', `/v1/debts/${id}/transactions`, body, key),
      ),
    )
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([201]))
    expect(new Set(replies.map(({ text }) => text)).size).toBe(1)
    const firsts = replies.filter(({ headers }) => headers.get('idempotency-replayed') === null)
    expect(firsts).toHaveLength(1)
    const debt = await server.request(ana, 'GET', `/v1/debts/${id}`)
    expect(debt.body['balance']).toEqual(eur('3990'))
  })

  test('another body under a used key is refused; another person has keys of their own', async () => {
    const id = await openDebtWithBo()
    const key = { 'idempotency-key': 'same' }
    const path = `/v1/debts/${id}/transactions`
    const post = (person: Person, minor: string) =>
      server.request(person, 'POST', path, { kind: 'advance', amount: eur(minor) }, key)
    expect((await post(ana, '10')).status).toBe(201)
    expect((await post(ana, '11')).body['code']).toBe('idempotency_key_reused')
    expect((await post(bo, '11')).status).toBe(201)
  })

  test('a repeated create meets itself, also when it came in many times at once', async () => {
    const key = { 'idempotency-key': randomUUID() }
    const replies = await Promise.all(
      Array.from({ length: 10 }, () => lend({ email: bo.email }, '77', key)),
    )
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([201]))
    expect(new Set(replies.map(({ body }) => body['id'])).size).toBe(1)
    expect((await lend({ email: bo.email }, '78', key)).body['code']).toBe('idempotency_key_reused')
  })

  test('a repetition is recognised before any rule: an answer given twice is the same answer', async () => {
    const { body } = await lend({ email: bo.email })
    const path = `/v1/debts/${String(body['id'])}/accept`
    const key = { 'idempotency-key': randomUUID(), 'if-match': '"1"' }
    const first = await server.request(bo, 'POST', path, {}, key)
    const second = await server.request(bo, 'POST', path, {}, key)
    expect([first.status, second.status]).toEqual([200, 200])
    expect(second.headers.get('idempotency-replayed')).toBe('true')
    expect(second.text).toBe(first.text)
  })
})

describe('somebody who is no party', () => {
  test('gets the same 404 as for a debt that does not exist, on every route', async () => {
    const id = await openDebtWithBo()
    await server.request(bo, 'POST', `/v1/debts/${id}/transactions`, {
      kind: 'repayment',
      amount: eur('1'),
    })
    const routes: [string, string, unknown?][] = [
      ['GET', ''],
      ['POST', '/accept', {}],
      ['POST', '/decline', {}],
      ['POST', '/withdraw', {}],
      ['GET', '/transactions'],
      ['POST', '/transactions', { kind: 'advance', amount: eur('1') }],
      ['GET', '/transactions/1'],
      ['GET', '/transactions/99'],
      ['POST', '/transactions/3/accept', {}],
      ['POST', '/transactions/3/decline', {}],
      ['POST', '/transactions/3/withdraw', {}],
    ]
    const before = await ledger()
    for (const [method, rest, body] of routes) {
      const foreign = await server.request(eve, method, `/v1/debts/${id}${rest}`, body)
      const absent = await server.request(eve, method, `/v1/debts/${randomUUID()}${rest}`, body)
      const shapeless = await server.request(eve, method, `/v1/debts/none${rest}`, body)
      expect([rest, foreign.status, foreign.text]).toEqual([rest, 404, absent.text])
      expect([absent.status, shapeless.text]).toEqual([404, absent.text])
    }
    expect(await ledger()).toBe(before)
    const list = await server.request(eve, 'GET', '/v1/debts')
    expect(list.body).toEqual({ items: [], next: null, totals: [] })
  })

  test('a session that ended changes nothing although its token is still good', async () => {
    const gone = await makePerson(database.admin, 'Gone')
    await database.admin.query('UPDATE sessions SET revoked_at = now() WHERE id = $1', [
      gone.sessionId,
    ])
    const refused = await server.request(gone, 'POST', '/v1/debts', {
      role: 'lender',
      counterparty: { name: 'x' },
      opening: eur('1'),
      description: 'x',
    })
    expect(refused).toMatchObject({ status: 401, body: { code: 'unauthenticated' } })
  })
})

describe('an address that belongs to nobody yet', () => {
  test('answers as one that does, and the newcomer finds the debt', async () => {
    const email = `cleo-${randomUUID()}@example.test`
    const unknown = await lend({ email })
    const known = await lend({ email: bo.email })
    const shape = ({ body }: typeof known) => ({ ...body, id: '', createdAt: '', counterparty: '' })
    expect(shape(unknown)).toEqual(shape(known))
    expect(unknown.body['counterparty']).toEqual({ name: email })

    const cleo = await makePerson(database.admin, 'Cleo')
    await inTransaction(database.pool, (connection) =>
      seatNewcomer(connection, { userId: cleo.userId, email }),
    )
    const list = await server.request(cleo, 'GET', '/v1/debts')
    const id = String(unknown.body['id'])
    expect(list.body['items']).toMatchObject([{ id, status: 'proposed', role: 'borrower' }])
    const events = await database.admin.query<{ event: string }>(
      'SELECT event FROM outbox_events WHERE key = $1 ORDER BY id',
      [id],
    )
    const told = events.rows.map(({ event }) => JSON.parse(event))
    expect(told).toMatchObject([{ id: `${id}:1` }, { id: `${id}:1` }])
    expect(told[1].data.parties).toContainEqual({
      userId: cleo.userId,
      role: 'borrower',
      concealed: true,
    })
    await server.request(cleo, 'POST', `/v1/debts/${id}/accept`, {})
    const seen = await server.request(ana, 'GET', `/v1/debts/${id}`)
    expect(seen.body['counterparty']).toEqual({ name: 'Cleo', userId: cleo.userId })
  })
})

describe('sums', () => {
  test('the summary is the sum of the postings, per currency and never mixed', async () => {
    const dora = await makePerson(database.admin, 'Dora')
    const open = (role: string, minor: string, currency: string) =>
      server.request(dora, 'POST', '/v1/debts', {
        role,
        counterparty: { name: 'Z' },
        opening: { minor, currency },
        description: 'x',
      })
    await open('lender', '1200', 'JPY')
    await open('lender', '300', 'JPY')
    await open('borrower', '1234567', 'KWD')
    const { body } = await server.request(dora, 'GET', '/v1/summary')
    expect(body['currencies']).toEqual([
      { currency: 'JPY', owed: '1500', owing: '0', pendingIn: '0', pendingOut: '0' },
      { currency: 'KWD', owed: '0', owing: '1234567', pendingIn: '0', pendingOut: '0' },
    ])
    const page = await server.request(dora, 'GET', '/v1/debts?limit=2')
    const rest = await server.request(
      dora,
      'GET',
      `/v1/debts?limit=2&cursor=${String(page.body['next'])}`,
    )
    const ids = [page, rest].flatMap(({ body }) => body['items'] as { id: string }[])
    expect(new Set(ids.map(({ id }) => id)).size).toBe(3)
    expect(rest.body['next']).toBeNull()
  })

  test('people are those who agreed to share a debt', async () => {
    await openDebtWithBo()
    const { body } = await server.request(bo, 'GET', '/v1/people')
    expect(body['items']).toMatchObject([{ id: ana.userId, name: 'Ana' }])
    const person = await server.request(ana, 'GET', `/v1/people/${bo.userId}`)
    expect(person.body['name']).toBe('Bo')
    expect((await server.request(eve, 'GET', `/v1/people/${bo.userId}`)).status).toBe(404)
  })
})
