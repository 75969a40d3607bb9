import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDebt } from '../testing/corrections.ts'
import { eur, type Scene, setScene } from '../testing/scene.ts'

let scene: Scene

beforeAll(async () => {
  scene = await setScene()
})
afterAll(() => scene.close())

describe('amending an entry', () => {
  test('400 becomes 40 in one bundle, and no row shows a turned sign', async () => {
    const debt = await openDebt(scene)
    const amended = await debt.correct(scene.ana, 1, 'amend', {
      amount: eur('400'),
      reason: 'a zero too many',
    })
    expect(amended.status).toBe(201)
    expect(amended.body).toMatchObject({
      kind: 'advance',
      amount: eur('400'),
      status: 'posted',
      note: 'groceries',
    })
    const [reversal, replacement, , first] = await debt.rows()
    expect([replacement, reversal, first]).toMatchObject([
      { seq: 3, kind: 'advance', balance: eur('4400'), bundle: amended.body['bundle'] },
      { seq: 4, kind: 'reversal', reverses: 1, balance: eur('400'), reason: 'a zero too many' },
      { seq: 1, status: 'reversed' },
    ])
    expect(reversal).toMatchObject({ bundle: amended.body['bundle'] })
    expect(await debt.rings(2)).toMatchObject([{ kind: 'advance', replaces: 1 }])
  })

  test('of a repayment the undoing comes first, and the answer is still the replacement', async () => {
    const debt = await openDebt(scene)
    await debt.enter(scene.ana, 'repayment', '4000')
    const key = { 'idempotency-key': randomUUID() }
    const body = { amount: eur('3000'), note: 'cash', occurredOn: '2026-01-02' }
    const amended = await debt.correct(scene.bo, 3, 'amend', body, key)
    expect(amended.body).toMatchObject({
      seq: 5,
      kind: 'repayment',
      note: 'cash',
      occurredOn: '2026-01-02',
      balance: eur('1000'),
    })
    expect(await debt.rings(2)).toMatchObject([{ kind: 'repayment', replaces: 3 }])
    const again = await debt.correct(scene.bo, 3, 'amend', body, key)
    expect([again.text, again.status]).toEqual([amended.text, 201])
    expect(await debt.correct(scene.bo, 3, 'amend', { amount: eur('1') }, key)).toMatchObject({
      body: { code: 'idempotency_key_reused' },
    })
  })

  test.each(['accept', 'decline', 'withdraw'])(
    'by the other one waits whole, and to %s one of its entries answers both',
    async (verb) => {
      const debt = await openDebt(scene)
      const asked = await debt.correct(scene.bo, 1, 'amend', { amount: eur('100') })
      expect(asked.body).toMatchObject({ seq: 3, status: 'pending', amount: eur('100') })
      expect(await debt.rings(2)).toMatchObject([{ kind: 'advance', replaces: 1 }])
      const who = verb === 'withdraw' ? scene.bo : scene.ana
      // The reversal is named; the replacement is answered with it.
      expect((await debt.correct(who, 4, verb)).status).toBe(200)
      const status = { accept: 'posted', decline: 'declined', withdraw: 'withdrawn' }[verb]
      expect(await debt.rings(2)).toMatchObject([{ resolves: 3 }])
      expect((await debt.rows()).slice(-4)).toMatchObject([
        { seq: 4, status },
        { seq: 3, status },
        { seq: 2 },
        { seq: 1, status: verb === 'accept' ? 'reversed' : 'posted' },
      ])
      expect(await debt.balance()).toEqual(eur(verb === 'accept' ? '100' : '4000'))
      expect((await debt.correct(who, 3, verb)).body['code']).toBe('already_answered')
      const debtView = await scene.get(scene.ana, `/v1/debts/${debt.id}`)
      expect(debtView.body['pending']).toEqual({ in: eur('0'), out: eur('0') })
    },
  )

  test('below what was paid back is refused, when it would post and not before', async () => {
    const debt = await openDebt(scene)
    const asked = await debt.correct(scene.bo, 1, 'amend', { amount: eur('100') })
    expect(asked.body['status']).toBe('pending')
    await debt.enter(scene.ana, 'repayment', '4000')
    const before = await scene.ledger()
    expect(await debt.correct(scene.ana, 3, 'accept')).toMatchObject({
      status: 422,
      body: { code: 'overpayment', remaining: eur('0') },
    })
    expect(await debt.correct(scene.ana, 1, 'amend', { amount: eur('3999') })).toMatchObject({
      status: 422,
      body: { code: 'overpayment', remaining: eur('0') },
    })
    expect(await scene.ledger()).toBe(before)
  })

  test('at the largest amount a balance may pass the limit within the bundle', async () => {
    const { body } = await scene.lend({ name: 'Bank' }, '1000000000000000')
    const path = `/v1/debts/${String(body['id'])}/transactions/1/amend`
    const amended = await scene.post(scene.ana, path, { amount: eur('999999999999999') })
    expect(amended.body).toMatchObject({ status: 'posted', balance: eur('1999999999999999') })
    const debt = await scene.get(scene.ana, `/v1/debts/${String(body['id'])}`)
    expect(debt.body['balance']).toEqual(eur('999999999999999'))
  })
})
