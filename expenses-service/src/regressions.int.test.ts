/** Faults that systems of this kind had: each under its id in our audit, and may it never come back. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eur, type Scene, setScene } from './testing/scene.ts'

let scene: Scene

beforeAll(async () => {
  scene = await setScene()
})
afterAll(() => scene.close())

const keyed = (key: string = randomUUID()) => ({ 'idempotency-key': key })
const entry = (kind: string, minor: string, note = 'x') => ({ kind, amount: eur(minor), note })
const enter = (id: string, body: object, key?: string, who = scene.ana) =>
  scene.post(who, `/v1/debts/${id}/transactions`, body, keyed(key))

const rowsOf = async (id: string) => {
  const { rows } = await scene.admin.query<{ seq: number; posted: string; at: Date }>(
    `SELECT t.seq, t.at, coalesce((SELECT sum(CASE p.debit WHEN 1 THEN p.amount_minor
       ELSE -p.amount_minor END) FROM postings p
       WHERE (p.book_id, p.seq) = (t.book_id, t.seq)), 0)::text AS posted
     FROM transactions t WHERE book_id = $1 ORDER BY seq`,
    [id],
  )
  return rows
}
/** While `act` runs, the database fails whenever a row comes into `table`: at once, or at COMMIT. */
const whileFailing = async <T>(
  table: string,
  when: 'at once' | 'at commit',
  act: () => Promise<T>,
): Promise<T> => {
  const kind = when === 'at once' ? '' : 'CONSTRAINT'
  const late = when === 'at once' ? '' : 'DEFERRABLE INITIALLY DEFERRED'
  await scene.admin.query(
    `CREATE OR REPLACE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN RAISE EXCEPTION 'secret of the database'; END $$`,
  )
  await scene.admin.query(
    `CREATE ${kind} TRIGGER failing AFTER INSERT ON ${table} ${late}
       FOR EACH ROW EXECUTE FUNCTION fail()`,
  )
  try {
    return await act()
  } finally {
    await scene.admin.query(`DROP TRIGGER failing ON ${table}`)
  }
}

describe('nothing is lost', () => {
  test('L1: a COMMIT that fails is not answered as a success, and nothing is stored', async () => {
    const id = await scene.openDebtWithBo()
    const key = randomUUID()
    const before = await scene.ledger()
    const failed = await whileFailing('transactions', 'at commit', () =>
      enter(id, entry('repayment', '5'), key),
    )
    expect(failed.status).toBeGreaterThanOrEqual(500)
    expect(await scene.ledger()).toBe(before)
    expect((await enter(id, entry('repayment', '5'), key)).status).toBe(201)
  })

  test('L3: an entry and its event are stored together or not at all', async () => {
    const id = await scene.openDebtWithBo()
    const before = await scene.ledger()
    const failed = await whileFailing('outbox_batches', 'at once', () =>
      enter(id, entry('repayment', '5')),
    )
    expect(failed.status).toBeGreaterThanOrEqual(500)
    expect(await scene.ledger()).toBe(before)
    await enter(id, entry('repayment', '5'))
    expect((await scene.eventsOf(id)).map((event) => event.id)).toContain(`${id}:3`)
  })

  test('L4: what fails after the commit costs no event, and the repetition meets itself', async () => {
    const key = randomUUID()
    await scene.admin.query('REVOKE SELECT ON debt_words FROM quits_expenses')
    const failed = await scene.lend({ name: 'Zoe' }, '4000', keyed(key))
    await scene.admin.query('GRANT SELECT ON debt_words TO quits_expenses')
    expect(failed.status).toBeGreaterThanOrEqual(500)
    const again = await scene.lend({ name: 'Zoe' }, '4000', keyed(key))
    expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([201, 'true'])
    expect(await scene.eventsOf(String(again.body['id']))).toHaveLength(1)
  })

  test('L15: nothing deletes a debt, and a person who goes leaves the history of others', async () => {
    const id = await scene.openDebtWithBo()
    const asked = await scene.request(scene.ana, 'DELETE', `/v1/debts/${id}`)
    expect(asked.status).toBe(404)
    const gone = { ...scene.eve }
    const { body } = await scene.post(gone, '/v1/debts', {
      role: 'borrower',
      counterparty: { email: scene.ana.email },
      opening: eur('700'),
      description: 'theirs',
    })
    await scene.admin.query('DELETE FROM users WHERE id = $1', [gone.userId])
    const kept = await scene.get(scene.ana, `/v1/debts/${String(body['id'])}/transactions`)
    expect(kept.body['items']).toMatchObject([{ kind: 'advance', amount: eur('700') }])
  })
})

describe('nothing counts twice or wrongly', () => {
  test('D1: the same request again has one effect', async () => {
    const id = await scene.openDebtWithBo()
    const key = randomUUID()
    for (let n = 0; n < 3; n += 1) await enter(id, entry('repayment', '100'), key)
    expect((await scene.get(scene.ana, `/v1/debts/${id}`)).body['balance']).toEqual(eur('3900'))
    // Twin: without a key of its own each call is a request of its own.
    for (let n = 0; n < 3; n += 1) await enter(id, entry('repayment', '100'))
    expect((await scene.get(scene.ana, `/v1/debts/${id}`)).body['balance']).toEqual(eur('3600'))
  })

  test('D5: an amount is whole minor units, and the same in answer, table and event', async () => {
    const { body, status } = await scene.lend({ name: 'Zoe' }, '999999999999999')
    const id = String(body['id'])
    expect([status, body['balance']]).toEqual([201, eur('999999999999999')])
    expect((await rowsOf(id)).map(({ posted }) => posted)).toEqual(['999999999999999'])
    expect((await scene.eventsOf(id))[0]?.data.amount).toEqual(eur('999999999999999'))
    for (const minor of ['0.004', '12.99', '1e3', '99999999999999999999']) {
      expect((await enter(id, entry('advance', minor))).status).toBe(422)
    }
  })

  test('D6: the opening is an entry, so the balance is the sum of the entries', async () => {
    const id = await scene.openDebtWithBo()
    await enter(id, entry('repayment', '1500'))
    const sum = (await rowsOf(id)).reduce((sum, { posted }) => sum + BigInt(posted), 0n)
    const debt = await scene.get(scene.ana, `/v1/debts/${id}`)
    expect(debt.body['balance']).toEqual(eur(sum.toString()))
  })

  test('D7: nobody repays more than is owed, and hears what remains', async () => {
    const id = await scene.openDebtWithBo()
    const refused = await enter(id, entry('repayment', '4001'))
    expect(refused).toMatchObject({ status: 422, body: { code: 'overpayment' } })
    expect(refused.body['remaining']).toEqual(eur('4000'))
    expect((await enter(id, entry('repayment', '4000'))).status).toBe(201)
  })

  test('D8: an entry raises the version, which everybody sees and can insist on', async () => {
    const id = await scene.openDebtWithBo()
    const read = await scene.get(scene.ana, `/v1/debts/${id}`)
    await enter(id, entry('repayment', '10'))
    const path = `/v1/debts/${id}/transactions`
    const stale = { 'if-match': read.headers.get('etag') ?? '' }
    const late = await scene.post(scene.ana, path, entry('repayment', '10'), stale)
    expect(late).toMatchObject({ status: 412, body: { code: 'version_conflict' } })
    const fresh = await scene.get(scene.ana, `/v1/debts/${id}`)
    expect(Number(fresh.body['version'])).toBe(Number(read.body['version']) + 1)
    const insisting = { 'if-match': fresh.headers.get('etag') ?? '' }
    expect((await scene.post(scene.ana, path, entry('repayment', '1'), insisting)).status).toBe(201)
  })

  test('D9: nobody is made to owe without their word, nor to be owed', async () => {
    const { body } = await scene.lend({ email: scene.bo.email }, '9000')
    const path = `/v1/debts/${String(body['id'])}`
    expect(body).toMatchObject({ status: 'proposed', balance: eur('0') })
    expect((await scene.post(scene.ana, `${path}/accept`)).status).toBe(403)
    const written = await scene.post(scene.bo, '/v1/debts', {
      role: 'borrower',
      counterparty: { email: scene.ana.email },
      opening: eur('500'),
      description: 'unasked',
    })
    const declined = await scene.post(scene.ana, `/v1/debts/${String(written.body['id'])}/decline`)
    expect(declined.body).toMatchObject({ status: 'declined', balance: eur('0') })
  })

  test('D10, K4: two people have a category of the same name, and neither hears of the other', async () => {
    const write = (who: typeof scene.ana) =>
      scene.post(who, '/v1/debts', {
        role: 'lender',
        counterparty: { name: 'Zoe' },
        opening: eur('10'),
        description: 'x',
        category: 'a secret',
      })
    const [first, second] = [await write(scene.ana), await write(scene.bo)]
    expect([first.status, second.status]).toEqual([201, 201])
    const found = await scene.get(scene.bo, '/v1/debts?q=x')
    const ids = new Set((found.body['items'] as { id: string }[]).map(({ id }) => id))
    expect([ids.has(String(second.body['id'])), ids.has(String(first.body['id']))]).toEqual([
      true,
      false,
    ])
  })

  test('D11: an event tells the instant of its row', async () => {
    const id = await scene.openDebtWithBo()
    const [rows, events] = [await rowsOf(id), await scene.eventsOf(id)]
    expect(events.map((event) => event.time)).toEqual(rows.map(({ at }) => at.toISOString()))
    expect(new Date(events[0]?.time ?? 0).getUTCFullYear()).toBeGreaterThan(2000)
  })
})

describe('nobody hears of others', () => {
  test('K1: an entry of other people does not exist, whatever its number', async () => {
    const id = await scene.openDebtWithBo()
    const stranger = scene.bo
    const { body } = await scene.lend({ name: 'Zoe' })
    const theirs = String(body['id'])
    for (const seq of [1, 2, 3]) {
      const foreign = await scene.get(stranger, `/v1/debts/${theirs}/transactions/${seq}`)
      const absent = await scene.get(stranger, `/v1/debts/${randomUUID()}/transactions/${seq}`)
      expect([foreign.status, foreign.text]).toEqual([404, absent.text])
    }
    expect((await scene.get(stranger, `/v1/debts/${id}/transactions/1`)).status).toBe(200)
    expect((await scene.get(stranger, '/v1/transactions/1')).status).toBe(404)
  })

  test('K2: nobody lists users; people are those one shares a debt with', async () => {
    await scene.openDebtWithBo()
    expect((await scene.get(scene.ana, '/v1/users')).status).toBe(404)
    const { body } = await scene.get(scene.bo, '/v1/people')
    expect((body['items'] as { id: string }[]).map(({ id }) => id)).toEqual([scene.ana.userId])
  })

  test('K5: what the database says stays inside', async () => {
    const id = await scene.openDebtWithBo()
    const failed = await whileFailing('transactions', 'at once', () =>
      enter(id, entry('repayment', '5')),
    )
    expect(failed).toMatchObject({ status: 500, body: { code: 'internal' } })
    expect(failed.text).not.toMatch(/secret|database|transactions|P0001/)
  })
})
