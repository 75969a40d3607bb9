import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { serveDebts } from '../testing/people.ts'
import { eur, type Scene, setScene } from '../testing/scene.ts'

let scene: Scene
/** Another process on the same database. */
let second: Awaited<ReturnType<typeof serveDebts>>

beforeAll(async () => {
  scene = await setScene()
  second = await serveDebts(scene)
})
afterAll(async () => {
  await second.close()
  await scene.close()
})

const paymentKeys = async () => (await scene.admin.query('SELECT FROM payment_keys')).rowCount ?? 0

/** Makes the database fail at the rows of one book, as a crash between two of them would. */
const failAt = async (bookId: string) => {
  await scene.admin.query(`CREATE FUNCTION fail_there() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'no room for this row'; END $$`)
  await scene.admin.query(`CREATE TRIGGER fail_there BEFORE INSERT ON transactions
    FOR EACH ROW WHEN (NEW.book_id = '${bookId}') EXECUTE FUNCTION fail_there()`)
  return () => scene.admin.query('DROP FUNCTION fail_there CASCADE')
}

test('a payment whose last row cannot be written leaves none, and its key settles it', async () => {
  const ids = [
    await scene.openDebtWithBo(),
    await scene.openDebtWithBo(),
    await scene.openDebtWithBo(),
  ]
  const before = await scene.ledger()
  const path = `/v1/people/${scene.bo.userId}/payments`
  const body = { from: 'them', amount: eur('12000') }
  const key = { 'idempotency-key': randomUUID() }
  const mend = await failAt(ids.toSorted()[2] ?? '')
  expect((await scene.post(scene.ana, path, body, key)).status).toBe(500)
  expect([await scene.ledger(), await paymentKeys()]).toEqual([before, 0])
  await mend()
  const paid = await scene.post(scene.ana, path, body, key)
  expect(paid.body).toMatchObject({ status: 'posted' })
  expect(paid.body['transactions']).toHaveLength(3)
  expect(paid.headers.get('idempotency-replayed')).toBeNull()
  expect(await paymentKeys()).toBe(1)
})

test('a surplus whose new debt cannot be written leaves the old one as it was', async () => {
  const id = await scene.openDebtWithBo()
  const before = await scene.ledger()
  const body = { kind: 'repayment', amount: eur('4001'), surplus: 'debt' }
  await scene.admin.query('ALTER TABLE debt_words ADD CONSTRAINT no_room CHECK (false) NOT VALID')
  expect((await scene.post(scene.ana, `/v1/debts/${id}/transactions`, body)).status).toBe(500)
  expect(await scene.ledger()).toBe(before)
  await scene.admin.query('ALTER TABLE debt_words DROP CONSTRAINT no_room')
  expect((await scene.post(scene.ana, `/v1/debts/${id}/transactions`, body)).status).toBe(201)
})

test('two processes answer the entries of one bundle at once: one answer, for all of them', async () => {
  await scene.openDebtWithBo()
  await scene.openDebtWithBo()
  const path = `/v1/people/${scene.ana.userId}/payments`
  const said = await scene.post(scene.bo, path, { from: 'me', amount: eur('5000') })
  const entries = said.body['transactions'] as { debtId: string; seq: number }[]
  expect(entries.length).toBeGreaterThan(1)
  const replies = await Promise.all(
    entries.flatMap(({ debtId, seq }) =>
      ['accept', 'decline'].flatMap((verb) =>
        [scene, second].map(({ request }) =>
          request(scene.ana, 'POST', `/v1/debts/${debtId}/transactions/${seq}/${verb}`, {}),
        ),
      ),
    ),
  )
  const statuses = replies.map(({ status }) => status).toSorted((a, b) => a - b)
  expect(statuses).toEqual([200, ...Array(replies.length - 1).fill(409)])
  const seen = await Promise.all(
    entries.map(({ debtId, seq }) =>
      scene.get(scene.ana, `/v1/debts/${debtId}/transactions/${seq}`),
    ),
  )
  expect(new Set(seen.map(({ body }) => body['status'])).size).toBe(1)
})

test('two processes undo one entry at once: one does', async () => {
  const id = await scene.openDebtWithBo()
  const path = `/v1/debts/${id}/transactions/1/reverse`
  const replies = await Promise.all(
    [scene, second, scene, second].map(({ request }) => request(scene.ana, 'POST', path, {})),
  )
  const codes = replies.map(({ status, body }) => body['code'] ?? status).map(String)
  expect(codes.toSorted()).toEqual(['201', ...Array(3).fill('already_reversed')])
})

test('a person shows what I allow or forbid them', async () => {
  await scene.openDebtWithBo()
  const path = `/v1/people/${scene.bo.userId}`
  expect((await scene.get(scene.ana, path)).body).toMatchObject({
    consent: { mode: 'ask' },
    blocked: false,
  })
  const consent = { mode: 'upTo', amount: eur('500') }
  await scene.request(scene.ana, 'PUT', `${path}/consent`, consent)
  await scene.request(scene.ana, 'PUT', `${path}/block`, { blocked: true })
  expect((await scene.get(scene.ana, path)).body).toMatchObject({ consent, blocked: true })
  const listed = await scene.get(scene.ana, '/v1/people')
  expect(listed.body['items']).toContainEqual(
    expect.objectContaining({ id: scene.bo.userId, blocked: true }),
  )
  const others = await scene.get(scene.bo, `/v1/people/${scene.ana.userId}`)
  expect(others.body).toMatchObject({ consent: { mode: 'ask' }, blocked: false })
})
