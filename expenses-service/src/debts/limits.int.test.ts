import { amountMinorMax } from '@quits/proto/money'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { limits } from '../limits.ts'
import { makePerson } from '../testing/people.ts'
import { eur, type Scene, setScene } from '../testing/scene.ts'

let scene: Scene

beforeAll(async () => {
  scene = await setScene()
})
afterAll(() => scene.close())

const text = (length: number) => 'é'.repeat(length)
const invalid = { status: 422, body: { code: 'invalid_request' } }

const open = (by: Record<string, unknown>) =>
  scene.post(scene.ana, '/v1/debts', {
    role: 'lender',
    counterparty: { name: 'Lee' },
    opening: eur('1'),
    description: 'x',
    ...by,
  })

describe('words', () => {
  const fields: [string, number, (words: string) => Record<string, unknown>][] = [
    ['a name', limits.nameLengthMax, (name) => ({ counterparty: { name } })],
    ['a description', limits.descriptionLengthMax, (description) => ({ description })],
    ['a category', limits.categoryLengthMax, (category) => ({ category })],
  ]
  test.each(fields)('%s may have %i characters and no more', async (_, lengthMax, field) => {
    expect((await open(field(text(lengthMax)))).status).toBe(201)
    expect(await open(field(text(lengthMax + 1)))).toMatchObject(invalid)
    expect(await open(field(''))).toMatchObject(invalid)
  })

  test('a note may have its length and no more', async () => {
    const id = await scene.openDebtWithBo()
    const enter = (length: number) =>
      scene.post(scene.ana, `/v1/debts/${id}/transactions`, {
        kind: 'repayment',
        amount: eur('1'),
        note: text(length),
      })
    expect((await enter(limits.noteLengthMax)).status).toBe(201)
    expect(await enter(limits.noteLengthMax + 1)).toMatchObject(invalid)
  })
})

describe('amounts and dates', () => {
  test('an amount reaches 10^15 minor units and no further, and so does a balance', async () => {
    const most = await open({ opening: eur(String(amountMinorMax)) })
    expect(most.status).toBe(201)
    const beyond = await open({ opening: eur(String(amountMinorMax + 1n)) })
    expect(beyond).toMatchObject({ status: 422, body: { code: 'invalid_amount' } })
    const path = `/v1/debts/${String(most.body['id'])}/transactions`
    const more = await scene.post(scene.ana, path, { kind: 'advance', amount: eur('1') })
    expect(more).toMatchObject({ status: 422, body: { code: 'balance_too_large' } })
  })

  test('a date is at the earliest the stated one, and an entry at the latest tomorrow', async () => {
    expect((await open({ occurredOn: limits.earliestOn })).status).toBe(201)
    const day = (offset: number) =>
      new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10)
    for (const occurredOn of ['1899-12-31', day(3)]) {
      const refused = await open({ occurredOn })
      expect(refused).toMatchObject({ status: 422, body: { code: 'invalid_date' } })
    }
    expect((await open({ dueOn: day(3) })).status).toBe(201)
  })
})

describe('counts', () => {
  test('a person has as many debts as stated, and not one more', async () => {
    const max = await makePerson(scene.admin, 'Max')
    const has = async (count: number) => {
      await scene.admin.query('DELETE FROM memberships WHERE user_id = $1', [max.userId])
      await scene.admin.query(
        `INSERT INTO memberships (user_id, created_at, book_id)
         SELECT $1, now(), gen_random_uuid() FROM generate_series(1, $2)`,
        [max.userId, count],
      )
    }
    const debt = { role: 'lender', counterparty: { name: 'Lee' }, opening: eur('1') }
    const add = () => scene.post(max, '/v1/debts', { ...debt, description: 'x' })
    await has(limits.debtsPerUserMax - 1)
    expect((await add()).status).toBe(201)
    expect(await add()).toMatchObject({ status: 422, body: { code: 'too_many_debts' } })
  })

  test('a debt has as many waiting entries as stated, and not one more', async () => {
    const id = await scene.openDebtWithBo()
    const path = `/v1/debts/${id}/transactions`
    const ask = () => scene.post(scene.ana, path, { kind: 'advance', amount: eur('1') })
    const asked = await Promise.all(Array.from({ length: limits.pendingPerDebtMax }, ask))
    expect(asked.filter(({ body }) => body['status'] === 'pending')).toHaveLength(
      limits.pendingPerDebtMax,
    )
    expect(await ask()).toMatchObject({ status: 422, body: { code: 'too_many_pending' } })
    const answer = `${path}/${String(asked[0]?.body['seq'])}/withdraw`
    await scene.post(scene.ana, answer)
    expect((await ask()).status).toBe(201)
  })

  test('a page has as many items as stated, and not one more', async () => {
    const page = (limit: number) => scene.get(scene.ana, `/v1/debts?limit=${limit}`)
    expect((await page(limits.pageSizeMax)).status).toBe(200)
    expect(await page(limits.pageSizeMax + 1)).toMatchObject(invalid)
  })

  test('a body has as many bytes as stated, and not one more', async () => {
    const send = (bytes: number) => {
      const body = JSON.stringify({ counterparty: { name: 'Lee' } })
      return scene.post(scene.ana, '/v1/debts', body.padEnd(bytes, ' '))
    }
    expect(await send(limits.bodyBytesMax)).toMatchObject(invalid)
    const beyond = await send(limits.bodyBytesMax + 1)
    expect(beyond).toMatchObject({ status: 413, body: { code: 'body_too_large' } })
  })
})
