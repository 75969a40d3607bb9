import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makePerson, type Person } from '../testing/people.ts'
import { eur, type Scene, setScene } from '../testing/scene.ts'

let scene: Scene

beforeAll(async () => {
  scene = await setScene()
})
afterAll(() => scene.close())

/** Two people of their own who share what `lent` says: above zero the first lent, below they owe. */
const pair = async (lent: { minor: number; dueOn?: string }[]) => {
  const one = await makePerson(scene.admin, 'One')
  const two = await makePerson(scene.admin, 'Two')
  const ids: string[] = []
  for (const { minor, dueOn } of lent) {
    const [lender, borrower] = minor > 0 ? [one, two] : [two, one]
    const { body } = await scene.post(lender, '/v1/debts', {
      role: 'lender',
      counterparty: { email: borrower.email },
      opening: eur(String(Math.abs(minor))),
      description: 'x',
      dueOn,
    })
    ids.push(String(body['id']))
    await scene.post(borrower, `/v1/debts/${String(body['id'])}/accept`)
  }
  const pay = (who: Person, from: string, minor: string, headers = {}) => {
    const other = who === one ? two : one
    const body = { from, amount: eur(minor), note: 'by bank' }
    return scene.post(who, `/v1/people/${other.userId}/payments`, body, headers)
  }
  const balances = async () =>
    Promise.all(
      ids.map(async (id) => {
        const { body } = await scene.get(one, `/v1/debts/${id}`)
        return [body['status'], (body['balance'] as { minor: string }).minor]
      }),
    )
  return { one, two, ids, pay, balances }
}

const settled = ['settled', '0']

describe('one payment over everything between two people', () => {
  test('+30, −12 and +5 are cleared by one payment of 23', async () => {
    const { one, pay, balances } = await pair([{ minor: 30 }, { minor: -12 }, { minor: 5 }])
    const paid = await pay(one, 'them', '23')
    expect(paid.status).toBe(201)
    expect(paid.body).toMatchObject({ status: 'posted' })
    const transactions = paid.body['transactions'] as Record<string, unknown>[]
    expect(transactions).toHaveLength(3)
    expect(new Set(transactions.map(({ bundle }) => bundle))).toEqual(
      new Set([paid.body['bundle']]),
    )
    expect(transactions).toMatchObject(
      transactions.map(() => ({ kind: 'repayment', note: 'by bank', status: 'posted' })),
    )
    expect(await balances()).toEqual([settled, settled, settled])
  })

  test('waits whole when the payer says it, until the receiver answers one of its entries', async () => {
    const { one, two, pay, balances } = await pair([{ minor: 30 }, { minor: -12 }, { minor: 5 }])
    const said = await pay(two, 'me', '23')
    expect(said.body['status']).toBe('pending')
    expect(await balances()).toEqual([
      ['open', '30'],
      ['open', '12'],
      ['open', '5'],
    ])
    const [entry] = said.body['transactions'] as { debtId: string; seq: number }[]
    const path = `/v1/debts/${entry?.debtId}/transactions/${entry?.seq}/accept`
    expect((await scene.post(one, path)).body['status']).toBe('posted')
    expect(await balances()).toEqual([settled, settled, settled])
  })

  test('less than the net clears the other way first, then the oldest due', async () => {
    const { one, pay, balances } = await pair([
      { minor: 10 },
      { minor: -4 },
      { minor: 20, dueOn: '2030-06-01' },
      { minor: 20, dueOn: '2030-01-01' },
    ])
    await pay(one, 'them', '18')
    expect(await balances()).toEqual([['open', '10'], settled, ['open', '18'], settled])
  })

  test('more than the net is refused with what remains, and so is paying who owes you', async () => {
    const { one, two, pay } = await pair([{ minor: 30 }, { minor: -12 }])
    const before = await scene.ledger()
    expect(await pay(one, 'them', '19')).toMatchObject({
      status: 422,
      body: { code: 'overpayment', remaining: eur('18') },
    })
    expect((await pay(one, 'me', '1')).body['remaining']).toEqual(eur('0'))
    const strangers = await scene.post(scene.eve, `/v1/people/${two.userId}/payments`, {
      from: 'me',
      amount: eur('1'),
    })
    expect(strangers.status).toBe(404)
    expect(await scene.ledger()).toBe(before)
  })

  test('a repetition is recognised before any rule, and answered byte for byte', async () => {
    const { one, pay, balances } = await pair([{ minor: 30 }, { minor: -12 }])
    const key = { 'idempotency-key': randomUUID() }
    const replies = await Promise.all(Array.from({ length: 20 }, () => pay(one, 'them', '18', key)))
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([201]))
    expect(new Set(replies.map(({ text }) => text)).size).toBe(1)
    const again = await pay(one, 'them', '18', key)
    expect([again.text, again.headers.get('idempotency-replayed')]).toEqual([
      replies[0]?.text,
      'true',
    ])
    expect((await pay(one, 'them', '17', key)).body['code']).toBe('idempotency_key_reused')
    expect(await balances()).toEqual([settled, settled])
  })

  test('among entries of the same debts at the same time, nothing is counted twice', async () => {
    const { one, two, ids, pay, balances } = await pair([{ minor: 100 }, { minor: -30 }])
    const replies = await Promise.all([
      ...Array.from({ length: 10 }, () => pay(one, 'them', '10')),
      ...ids.flatMap((id) =>
        [one, two].map((who) =>
          scene.post(who, `/v1/debts/${id}/transactions`, { kind: 'repayment', amount: eur('1') }),
        ),
      ),
    ])
    expect(replies.filter(({ status }) => status >= 500)).toEqual([])
    const left = (await balances()).map(([, minor]) => Number(minor))
    expect(left.every((minor) => minor >= 0)).toBe(true)
    const { rows } = await scene.admin.query<{ drift: bigint }>(
      `SELECT sum(abs(a.posted_minor - (SELECT coalesce(sum(CASE a.no WHEN p.debit
         THEN p.amount_minor WHEN p.credit THEN -p.amount_minor ELSE 0 END), 0)
         FROM postings p WHERE p.book_id = a.book_id)))::bigint AS drift FROM accounts a`,
    )
    expect(rows).toEqual([{ drift: 0n }])
  })
})

describe('consent that was given beforehand', () => {
  const consent = (who: Person, to: Person, body: object) =>
    scene.request(who, 'PUT', `/v1/people/${to.userId}/consent`, body)
  const repay = (who: Person, id: string | undefined, minor: string, headers = {}) =>
    scene.post(
      who,
      `/v1/debts/${id}/transactions`,
      { kind: 'repayment', amount: eur(minor) },
      headers,
    )

  test('writes the entry and its acceptance in one turn; the second event is silent', async () => {
    const { one, two, ids, balances } = await pair([{ minor: 100 }])
    expect(await consent(one, two, { mode: 'always' })).toMatchObject({
      status: 200,
      body: { mode: 'always' },
    })
    const key = { 'idempotency-key': randomUUID() }
    const paid = await repay(two, ids[0], '60', key)
    expect(paid.body).toMatchObject({ status: 'posted', enteredBy: two.userId, seq: 3 })
    expect(await balances()).toEqual([['open', '40']])
    const history = await scene.get(two, `/v1/debts/${ids[0]}/transactions`)
    expect(history.body['items']).toMatchObject([
      { seq: 4, kind: 'accepted', resolves: 3, enteredBy: one.userId, balance: eur('40') },
      { seq: 3, status: 'posted' },
      {},
      {},
    ])
    const { rows } = await scene.admin.query<{ event: string }>(
      'SELECT event FROM outbox_events WHERE key = $1 ORDER BY id DESC, no DESC LIMIT 2',
      [ids[0]],
    )
    expect(rows.map(({ event }) => JSON.parse(event).data.silent)).toEqual([true, undefined])
    expect((await repay(two, ids[0], '60', key)).text).toBe(paid.text)
  })

  test('up to an amount in its currency; above it the entry waits, and so it does once revoked', async () => {
    const { one, two, ids } = await pair([{ minor: 100 }])
    const amount = eur('10')
    expect((await consent(one, two, { mode: 'upTo', amount })).body).toEqual({
      mode: 'upTo',
      amount,
    })
    const statusOf = async (minor: string) => (await repay(two, ids[0], minor)).body['status']
    expect([await statusOf('10'), await statusOf('11')]).toEqual(['posted', 'pending'])
    await consent(one, two, { mode: 'upTo', amount: { minor: '1000', currency: 'USD' } })
    expect(await statusOf('10')).toBe('pending')
    await consent(one, two, { mode: 'always' })
    await consent(one, two, { mode: 'ask' })
    expect(await statusOf('1')).toBe('pending')
  })

  test('is judged by the net of a bundle, and works one way only', async () => {
    const { one, two, ids, pay, balances } = await pair([{ minor: 30 }, { minor: -12 }])
    await consent(one, two, { mode: 'upTo', amount: eur('18') })
    const key = { 'idempotency-key': randomUUID() }
    const paid = await pay(two, 'me', '18', key)
    expect(paid.body['status']).toBe('posted')
    expect(await balances()).toEqual([settled, settled])
    expect((await pay(two, 'me', '18', key)).text).toBe(paid.text)
    const advance = { kind: 'advance', amount: eur('5') }
    const asked = await scene.post(one, `/v1/debts/${ids[0]}/transactions`, advance)
    expect(asked.body['status']).toBe('pending')
  })

  test('covers a new debt with that very person, and tells nothing of an address', async () => {
    const { one, two } = await pair([{ minor: 100 }])
    await consent(two, one, { mode: 'upTo', amount: eur('50') })
    const open = (counterparty: object, minor: string) =>
      scene.post(one, '/v1/debts', {
        role: 'lender',
        counterparty,
        opening: eur(minor),
        description: 'lunch',
      })
    const agreed = await open({ userId: two.userId }, '50')
    expect(agreed.body).toMatchObject({
      status: 'open',
      balance: eur('50'),
      counterparty: { userId: two.userId },
      version: 2,
    })
    const more = await open({ userId: two.userId }, '51')
    const byAddress = await open({ email: two.email }, '50')
    expect([more.body['status'], byAddress.body['status']]).toEqual(['proposed', 'proposed'])
    const { body } = await scene.get(two, `/v1/debts/${String(agreed.body['id'])}/transactions`)
    expect(body['items']).toMatchObject([
      { seq: 2, kind: 'accepted', resolves: 1, enteredBy: two.userId },
      { seq: 1, kind: 'advance', status: 'posted' },
    ])
  })

  test('is for people who share a debt, and says what is wrong with it', async () => {
    const { one, two } = await pair([{ minor: 1 }])
    expect((await consent(scene.eve, one, { mode: 'always' })).status).toBe(404)
    expect((await consent(one, two, { mode: 'upTo' })).status).toBe(422)
    expect((await consent(one, two, { mode: 'always', amount: eur('1') })).status).toBe(422)
    expect((await consent(one, two, { mode: 'never' })).status).toBe(422)
  })
})

describe('a block', () => {
  const block = (who: Person, to: Person, blocked: boolean) =>
    scene.request(who, 'PUT', `/v1/people/${to.userId}/block`, { blocked })
  const partiesOf = async (bookId: string | undefined) => {
    const { rows } = await scene.admin.query<{ event: string }>(
      'SELECT event FROM outbox_events WHERE key = $1 ORDER BY id DESC, no DESC LIMIT 1',
      [bookId],
    )
    const { parties } = JSON.parse(rows[0]?.event ?? '').data as { parties: { userId: string }[] }
    return parties.map(({ userId }) => userId)
  }

  test('keeps their entries from reaching me, and ends standing consent while it lasts', async () => {
    const { one, two, ids } = await pair([{ minor: 100 }])
    const path = `/v1/debts/${ids[0]}/transactions`
    const repayment = { kind: 'repayment', amount: eur('1') }
    await scene.request(one, 'PUT', `/v1/people/${two.userId}/consent`, { mode: 'always' })
    expect((await block(one, two, true)).body).toEqual({ blocked: true })
    expect((await scene.post(two, path, repayment)).body['status']).toBe('pending')
    expect(await partiesOf(ids[0])).toEqual([two.userId])
    // What I do reaches them as before.
    await scene.post(one, path, repayment)
    expect((await partiesOf(ids[0])).toSorted()).toEqual([one.userId, two.userId].toSorted())
    await block(one, two, false)
    expect((await scene.post(two, path, repayment)).body['status']).toBe('posted')
    expect((await partiesOf(ids[0])).length).toBe(2)
  })

  test('keeps their new debts from me, and they cannot tell', async () => {
    const { one, two } = await pair([{ minor: 100 }])
    const open = (to: object) =>
      scene.post(two, '/v1/debts', {
        role: 'lender',
        counterparty: to,
        opening: eur('5'),
        description: 'again',
      })
    const seen = await open({ email: one.email })
    await block(one, two, true)
    const unseen = await open({ email: one.email })
    const byId = await open({ userId: one.userId })
    expect([unseen.status, byId.status]).toEqual([201, 201])
    const shape = ({ body }: typeof seen) => ({ ...body, id: '', createdAt: '' })
    expect(shape(unseen)).toEqual(shape(seen))
    const list = await scene.get(one, '/v1/debts?status=proposed')
    expect(list.body['items']).toMatchObject([{ id: seen.body['id'] }])
    expect(await partiesOf(String(unseen.body['id']))).toEqual([two.userId])
    expect(await partiesOf(String(byId.body['id']))).toEqual([two.userId])
    const { rows } = await scene.admin.query('SELECT FROM waiting WHERE address = $1', [one.email])
    expect(rows).toEqual([])
  })
})
