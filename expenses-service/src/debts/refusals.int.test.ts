import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makePerson, type Person } from '../testing/people.ts'
import { eur, type Scene, setScene } from '../testing/scene.ts'

let scene: Scene

beforeAll(async () => {
  scene = await setScene()
})
afterAll(() => scene.close())

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
      const id = await scene.openDebtWithBo()
      const before = await scene.ledger()
      const refused = await scene.post(scene.ana, `/v1/debts/${id}/transactions`, {
        kind: 'advance',
        amount,
      })
      expect(refused.status).toBe(422)
      expect(refused.body['code']).toBe(code)
      expect(refused.headers.get('content-type')).toBe('application/problem+json')
      expect(await scene.ledger()).toBe(before)
    },
  )

  test('a no may suggest an amount in the currency of the debt only', async () => {
    const proposed = await scene.lend({ email: scene.bo.email })
    const debt = `/v1/debts/${String(proposed.body['id'])}`
    const open = `/v1/debts/${await scene.openDebtWithBo()}`
    const more = { kind: 'advance', amount: eur('5') }
    const asked = await scene.post(scene.ana, `${open}/transactions`, more)
    const entry = `${open}/transactions/${String(asked.body['seq'])}`
    const before = await scene.ledger()
    const answers = (currency: string) =>
      [debt, entry].map((path) =>
        scene.post(scene.bo, `${path}/decline`, { amount: { minor: '4', currency } }),
      )
    for (const refused of await Promise.all(answers('JPY'))) {
      expect(refused).toMatchObject({ status: 422, body: { code: 'currency_mismatch' } })
    }
    expect(await scene.ledger()).toBe(before)
    for (const taken of await Promise.all(answers('EUR'))) expect(taken.status).toBe(200)
  })

  test('the check can fail: a good amount changes the tables', async () => {
    const id = await scene.openDebtWithBo()
    const before = await scene.ledger()
    const path = `/v1/debts/${id}/transactions`
    const good = { kind: 'advance', amount: eur('1000000000000') }
    expect((await scene.post(scene.ana, path, good)).status).toBe(201)
    expect(await scene.ledger()).not.toBe(before)
  })
})

describe('keys', () => {
  test('a missing or unreadable key is refused', async () => {
    const id = await scene.openDebtWithBo()
    const path = `/v1/debts/${id}/transactions`
    const body = { kind: 'advance', amount: eur('5') }
    const long = { 'idempotency-key': 'x'.repeat(256) }
    expect((await scene.post(scene.ana, path, body, long)).body['code']).toBe(
      'idempotency_key_invalid',
    )
    const none = { 'idempotency-key': '' }
    expect((await scene.post(scene.ana, path, body, none)).status).toBe(400)
  })

  test('fifty at once have one effect and one answer, byte for byte', async () => {
    const id = await scene.openDebtWithBo()
    const key = { 'idempotency-key': randomUUID() }
    const body = { kind: 'repayment', amount: eur('10') }
    const replies = await Promise.all(
      Array.from({ length: 50 }, () =>
        scene.post(scene.ana, `/v1/debts/${id}/transactions`, body, key),
      ),
    )
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([201]))
    expect(new Set(replies.map(({ text }) => text)).size).toBe(1)
    const firsts = replies.filter(({ headers }) => headers.get('idempotency-replayed') === null)
    expect(firsts).toHaveLength(1)
    const debt = await scene.get(scene.ana, `/v1/debts/${id}`)
    expect(debt.body['balance']).toEqual(eur('3990'))
  })

  test('another body under a used key is refused; another person has keys of their own', async () => {
    const id = await scene.openDebtWithBo()
    const key = { 'idempotency-key': 'same' }
    const path = `/v1/debts/${id}/transactions`
    const post = (person: Person, minor: string) =>
      scene.post(person, path, { kind: 'advance', amount: eur(minor) }, key)
    expect((await post(scene.ana, '10')).status).toBe(201)
    expect((await post(scene.ana, '11')).body['code']).toBe('idempotency_key_reused')
    expect((await post(scene.bo, '11')).status).toBe(201)
  })

  test('a repeated create meets itself, also when it came in many times at once', async () => {
    const key = { 'idempotency-key': randomUUID() }
    const replies = await Promise.all(
      Array.from({ length: 10 }, () => scene.lend({ email: scene.bo.email }, '77', key)),
    )
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([201]))
    expect(new Set(replies.map(({ body }) => body['id'])).size).toBe(1)
    expect((await scene.lend({ email: scene.bo.email }, '78', key)).body['code']).toBe(
      'idempotency_key_reused',
    )
  })

  test('a repetition is recognised before any rule: an answer given twice is the same answer', async () => {
    const { body } = await scene.lend({ email: scene.bo.email })
    const path = `/v1/debts/${String(body['id'])}/accept`
    const key = { 'idempotency-key': randomUUID(), 'if-match': '"1"' }
    const first = await scene.post(scene.bo, path, {}, key)
    const second = await scene.post(scene.bo, path, {}, key)
    expect([first.status, second.status]).toEqual([200, 200])
    expect(second.headers.get('idempotency-replayed')).toBe('true')
    expect(second.text).toBe(first.text)
  })
})

describe('somebody who is no party', () => {
  test('gets the same 404 as for a debt that does not exist, on every route', async () => {
    const id = await scene.openDebtWithBo()
    await scene.post(scene.bo, `/v1/debts/${id}/transactions`, {
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
    const before = await scene.ledger()
    for (const [method, rest, body] of routes) {
      const foreign = await scene.request(scene.eve, method, `/v1/debts/${id}${rest}`, body)
      const absent = await scene.request(
        scene.eve,
        method,
        `/v1/debts/${randomUUID()}${rest}`,
        body,
      )
      const shapeless = await scene.request(scene.eve, method, `/v1/debts/none${rest}`, body)
      expect([rest, foreign.status, foreign.text]).toEqual([rest, 404, absent.text])
      expect([absent.status, shapeless.text]).toEqual([404, absent.text])
    }
    expect(await scene.ledger()).toBe(before)
    const list = await scene.get(scene.eve, '/v1/debts')
    expect(list.body).toEqual({ items: [], next: null, totals: [] })
  })

  test('a session that ended changes nothing although its token is still good', async () => {
    const gone = await makePerson(scene.admin, 'Gone')
    await scene.admin.query('UPDATE sessions SET revoked_at = now() WHERE id = $1', [
      gone.sessionId,
    ])
    const refused = await scene.post(gone, '/v1/debts', {
      role: 'lender',
      counterparty: { name: 'x' },
      opening: eur('1'),
      description: 'x',
    })
    expect(refused).toMatchObject({ status: 401, body: { code: 'unauthenticated' } })
  })
})

test('twin: the name of the scheme has no case in an Authorization header, and has to be ours', async () => {
  const statusWith = async (scheme: string) => {
    const headers = { authorization: `${scheme} ${scene.ana.bearer}` }
    return (await scene.request(undefined, 'GET', '/v1/debts', undefined, headers)).status
  }
  const statuses = await Promise.all(['Bearer', 'bearer', 'BEARER', 'Basic'].map(statusWith))
  expect(statuses).toEqual([200, 200, 200, 401])
})
