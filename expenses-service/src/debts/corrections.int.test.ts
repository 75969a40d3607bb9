import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDebt } from '../testing/corrections.ts'
import { eur, type Scene, setScene } from '../testing/scene.ts'

let scene: Scene

beforeAll(async () => {
  scene = await setScene()
})
afterAll(() => scene.close())

describe('undoing an entry', () => {
  test('posts for who it costs, and the entry is reversed', async () => {
    const debt = await openDebt(scene)
    const undone = await debt.correct(scene.ana, 1, 'reverse', { reason: 'wrong person' })
    expect(undone.status).toBe(201)
    expect(undone.body).toMatchObject({
      seq: 3,
      kind: 'reversal',
      reverses: 1,
      status: 'posted',
      balance: eur('0'),
      reason: 'wrong person',
    })
    expect(undone.headers.get('location')).toBe(`${debt.entries}/3`)
    expect((await scene.get(scene.bo, `${debt.entries}/1`)).body['status']).toBe('reversed')
    expect((await scene.get(scene.bo, `/v1/debts/${debt.id}`)).body['status']).toBe('settled')
  })

  test('waits for the other one whom it costs, and counts when accepted', async () => {
    const debt = await openDebt(scene)
    const asked = await debt.correct(scene.bo, 1, 'reverse')
    expect(asked.body).toMatchObject({ status: 'pending', balance: eur('4000') })
    const waiting = await scene.get(scene.ana, `/v1/debts/${debt.id}`)
    expect(waiting.body['pending']).toEqual({ in: eur('0'), out: eur('4000') })
    const accepted = await debt.correct(scene.ana, 3, 'accept')
    expect(accepted).toMatchObject({ status: 200, body: { status: 'posted', reverses: 1 } })
    expect(await debt.rows()).toMatchObject([
      { seq: 4, kind: 'accepted', resolves: 3, reverses: 1, balance: eur('0') },
      { seq: 3, status: 'posted' },
      { seq: 2 },
      { seq: 1, status: 'reversed' },
    ])
  })

  test('can be tried again after a no, and never happens twice', async () => {
    const debt = await openDebt(scene)
    await debt.correct(scene.bo, 1, 'reverse')
    await debt.correct(scene.ana, 3, 'decline', { reason: 'it was you' })
    expect((await debt.correct(scene.bo, 1, 'reverse')).body['status']).toBe('pending')
    expect((await debt.correct(scene.ana, 1, 'reverse')).body['status']).toBe('posted')
    const late = await debt.correct(scene.ana, 5, 'accept')
    expect(late).toMatchObject({ status: 422, body: { code: 'overpayment' } })
    expect(await debt.correct(scene.ana, 1, 'reverse')).toMatchObject({
      status: 409,
      body: { code: 'already_reversed' },
    })
    await debt.enter(scene.bo, 'advance', '9000')
    const twice = await debt.correct(scene.ana, 5, 'accept')
    expect(twice).toMatchObject({ status: 409, body: { code: 'already_reversed' } })
  })

  test('is only for entries that count: not for reversals, answers or what waits', async () => {
    const debt = await openDebt(scene)
    await debt.enter(scene.bo, 'repayment', '100')
    await debt.enter(scene.ana, 'repayment', '200')
    await debt.correct(scene.bo, 4, 'reverse')
    const before = await scene.ledger()
    for (const seq of [2, 3, 5]) {
      const refused = await debt.correct(scene.ana, seq, 'reverse')
      expect([seq, refused.body['code']]).toEqual([seq, 'not_reversible'])
    }
    const open = await debt.correct(scene.eve, 1, 'reverse')
    expect([open.status, (await debt.correct(scene.ana, 99, 'reverse')).status]).toEqual([404, 404])
    expect(await scene.ledger()).toBe(before)
  })

  test('thirty entries undone twice at once: thirty yes, thirty no, and nothing is left', async () => {
    const debt = await openDebt(scene)
    const seqs: number[] = []
    for (const entry of await Promise.all(
      Array.from({ length: 30 }, () => debt.enter(scene.bo, 'advance', '7')),
    )) {
      seqs.push(Number(entry.body['seq']))
    }
    const replies = await Promise.all(
      [...seqs, ...seqs].map((seq) => debt.correct(scene.ana, seq, 'reverse')),
    )
    const statuses = replies.map(({ status }) => status).toSorted((a, b) => a - b)
    expect(statuses).toEqual([...Array(30).fill(201), ...Array(30).fill(409)])
    expect(await debt.balance()).toEqual(eur('4000'))
    // Without the rule, the table itself would refuse the second one.
    const forged = scene.admin.query(
      `INSERT INTO transactions SELECT (t).* FROM (SELECT jsonb_populate_record(t,
         jsonb_build_object('seq', 999, 'key', NULL, 'request_hash', NULL)) AS t
       FROM transactions t WHERE book_id = $1 AND reverses = $2) AS again`,
      [debt.id, seqs[0]],
    )
    await expect(forged).rejects.toMatchObject({ constraint: 'transactions_reverses' })
  })

  test('is answered the same when it is repeated', async () => {
    const debt = await openDebt(scene)
    const key = { 'idempotency-key': randomUUID() }
    const first = await debt.correct(scene.ana, 1, 'reverse', {}, key)
    const second = await debt.correct(scene.ana, 1, 'reverse', {}, key)
    expect(second.text).toBe(first.text)
    expect(second.headers.get('idempotency-replayed')).toBe('true')
  })
})

describe('too much paid back, on request', () => {
  test('opens a debt the other way, in one bundle', async () => {
    const debt = await openDebt(scene)
    const key = { 'idempotency-key': randomUUID() }
    const body = {
      kind: 'repayment',
      amount: eur('5000'),
      surplus: 'debt',
      note: 'kept the change',
    }
    const paid = await scene.post(scene.ana, debt.entries, body, key)
    expect(paid.body).toMatchObject({
      amount: eur('4000'),
      balance: eur('0'),
      status: 'posted',
    })
    const { body: list } = await scene.get(scene.ana, '/v1/debts?role=borrower')
    const [opened] = list['items'] as { id: string }[]
    expect(opened).toMatchObject({
      role: 'borrower',
      status: 'open',
      balance: eur('1000'),
      description: 'groceries',
      counterparty: { userId: scene.bo.userId },
    })
    const first = await scene.get(scene.bo, `/v1/debts/${opened?.id}/transactions/1`)
    expect(first.body).toMatchObject({
      kind: 'advance',
      note: 'kept the change',
      bundle: paid.body['bundle'],
    })
    expect((await scene.post(scene.ana, debt.entries, body, key)).text).toBe(paid.text)
  })

  test('waits whole when the borrower says it, and declining the new debt declines both', async () => {
    const debt = await openDebt(scene)
    const body = { kind: 'repayment', amount: eur('4100'), surplus: 'debt' }
    const asked = await scene.post(scene.bo, debt.entries, body)
    expect(asked.body).toMatchObject({ status: 'pending', amount: eur('4000') })
    const list = await scene.get(scene.ana, '/v1/debts?status=proposed&role=borrower')
    const [proposed] = list.body['items'] as { id: string }[]
    expect(proposed).toMatchObject({ pending: { in: eur('100') } })
    const declined = await scene.post(scene.ana, `/v1/debts/${proposed?.id}/decline`, {})
    expect(declined.body['status']).toBe('declined')
    const entry = await scene.get(scene.bo, `${debt.entries}/3`)
    expect(entry.body['status']).toBe('declined')
    expect(await debt.balance()).toEqual(eur('4000'))
  })

  test('accepting the entry opens the debt', async () => {
    const debt = await openDebt(scene)
    const body = { kind: 'repayment', amount: eur('4321'), surplus: 'debt' }
    await scene.post(scene.bo, debt.entries, body)
    expect((await debt.correct(scene.ana, 3, 'accept')).body['status']).toBe('posted')
    const list = await scene.get(scene.bo, '/v1/debts?status=open&role=lender')
    const [opened] = list.body['items'] as object[]
    expect(opened).toMatchObject({ balance: eur('321'), version: 2 })
    expect(await debt.balance()).toEqual(eur('0'))
  })

  test('without the request, for what is no repayment, or at zero it is refused', async () => {
    const debt = await openDebt(scene)
    const before = await scene.ledger()
    const refused = [
      await debt.enter(scene.ana, 'repayment', '4001'),
      await debt.enter(scene.ana, 'repayment', '4001', { surplus: 'refuse' }),
      await debt.enter(scene.ana, 'forgiveness', '4001', { surplus: 'debt' }),
    ]
    expect(refused.map(({ body }) => body['code'])).toEqual(Array(3).fill('overpayment'))
    expect(await scene.ledger()).toBe(before)
    await debt.enter(scene.ana, 'repayment', '4000')
    const atZero = await debt.enter(scene.ana, 'repayment', '1', { surplus: 'debt' })
    expect(atZero.body).toMatchObject({ code: 'overpayment', remaining: eur('0') })
  })
})
