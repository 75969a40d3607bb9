import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inviting } from '../testing/invitations.ts'
import { makePerson } from '../testing/people.ts'
import { eur, type Scene, setScene } from '../testing/scene.ts'

let scene: Scene
let steps: ReturnType<typeof inviting>

beforeAll(async () => {
  scene = await setScene()
  steps = inviting(scene)
})
afterAll(() => scene.close())

describe('taking a seat', () => {
  test('of a one-sided debt writes a joined row, and from then on it takes two', async () => {
    const { token, debtId } = await steps.oneSided()
    const headers = { 'idempotency-key': randomUUID() }
    const place = await steps.placeIn(token)
    const taken = await steps.accept(scene.bo, token, place, headers)
    expect(taken).toMatchObject({
      status: 200,
      body: { id: debtId, role: 'borrower', oneSided: false, balance: eur('3000') },
    })
    const again = await steps.accept(scene.bo, token, place, headers)
    expect(again.body).toEqual(taken.body)
    expect(again.headers.get('idempotency-replayed')).toBe('true')

    const history = await scene.get(scene.bo, `/v1/debts/${debtId}/transactions`)
    expect(history.body['items']).toMatchObject([
      { seq: 3, kind: 'joined', amount: eur('0'), balance: eur('3000') },
      { seq: 2 },
      { seq: 1 },
    ])
    const { rows } = await scene.admin.query('SELECT seq FROM postings WHERE book_id = $1', [
      debtId,
    ])
    expect(rows).toHaveLength(2)
    const events = await scene.admin.query<{ event: string }>(
      'SELECT event FROM outbox_events WHERE key = $1 ORDER BY id DESC, no DESC LIMIT 1',
      [debtId],
    )
    const event = JSON.parse(events.rows[0]?.event ?? '{}')
    expect(event).toMatchObject({ id: `${debtId}:3`, type: 'debt.accepted.v1' })
    expect(event.data.parties).toHaveLength(2)

    const lent = await scene.post(scene.ana, `/v1/debts/${debtId}/transactions`, {
      kind: 'advance',
      amount: eur('500'),
    })
    expect(lent.body).toMatchObject({ status: 'pending', balance: eur('3000') })
    const list = await scene.get(scene.bo, `/v1/debts?person=${scene.ana.userId}`)
    expect(list.text).toContain(debtId)
    expect((await scene.get(scene.bo, `/v1/debts/${debtId}`)).body['category']).toBe('groceries')
    expect((await steps.look(token)).status).toBe(404)
  })

  test('of a proposed debt is its acceptance: the opening counts', async () => {
    const { body } = await scene.lend({ email: `${randomUUID()}@example.test`, name: 'Lee' })
    const debtId = String(body['id'])
    const { token } = await steps.invite(debtId)
    expect((await steps.look(token)).body).toMatchObject({ status: 'proposed', seq: 1 })
    const taken = await steps.accept(scene.bo, token)
    expect(taken.body).toMatchObject({ status: 'open', balance: eur('4000') })
    const waiting = await scene.admin.query('SELECT FROM waiting WHERE book_id = $1', [debtId])
    expect(waiting.rowCount).toBe(0)
  })

  test('from whoever was asked and never agreed looks the same as from an unknown address', async () => {
    const dan = await makePerson(scene.admin, 'Dan')
    const { body } = await scene.lend({ email: dan.email })
    const debtId = String(body['id'])
    const { token } = await steps.invite(debtId)
    const taken = await steps.accept(scene.bo, token)
    expect(taken.body).toMatchObject({ status: 'open', balance: eur('4000') })
    expect((await scene.get(dan, `/v1/debts/${debtId}`)).status).toBe(404)
    expect((await scene.get(dan, '/v1/debts')).body['items']).toEqual([])
    const seen = await scene.get(scene.ana, `/v1/debts/${debtId}`)
    expect(seen.body['counterparty']).toEqual({ name: 'Bo', userId: scene.bo.userId })
  })

  test('is at a stated place: an entry meanwhile is 412 with the present one', async () => {
    const { token, debtId } = await steps.oneSided()
    const place = await steps.placeIn(token)
    await scene.post(scene.ana, `/v1/debts/${debtId}/transactions`, {
      kind: 'advance',
      amount: eur('99'),
    })
    const before = await scene.ledger()
    const refused = await steps.accept(scene.bo, token, place)
    const now = await steps.placeIn(token)
    expect(refused).toMatchObject({ status: 412, body: { code: 'version_conflict', ...now } })
    const forged = { ...now, hash: place.hash }
    expect((await steps.accept(scene.bo, token, forged)).status).toBe(412)
    expect((await steps.accept(scene.ana, token, now)).body['code']).toBe('debt_with_yourself')
    expect(await scene.ledger()).toBe(before)
    expect((await steps.accept(scene.bo, token, now)).status).toBe(200)
  })

  test('is for one: of two who come at once, one has it', async () => {
    const { token, debtId } = await steps.oneSided()
    const place = await steps.placeIn(token)
    const replies = await Promise.all([
      steps.accept(scene.bo, token, place),
      steps.accept(scene.eve, token, place),
    ])
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1)
    const { rows } = await scene.admin.query(
      `SELECT FROM transactions WHERE book_id = $1 AND kind = 'joined'`,
      [debtId],
    )
    expect(rows).toHaveLength(1)
    const members = await scene.admin.query('SELECT FROM memberships WHERE book_id = $1', [debtId])
    expect(members.rowCount).toBe(2)
  })

  test('needs a live session, a key and a place', async () => {
    const { token } = await steps.oneSided()
    const place = await steps.placeIn(token)
    const path = `/v1/invitations/${token}/accept`
    expect((await scene.request(undefined, 'POST', path, place)).status).toBe(401)
    expect((await steps.accept(scene.bo, token, {})).status).toBe(422)
    expect((await steps.accept(scene.bo, token, { ...place, hash: 'x' })).status).toBe(422)
    const gone = await makePerson(scene.admin, 'Gone')
    await scene.admin.query('UPDATE sessions SET revoked_at = now() WHERE id = $1', [
      gone.sessionId,
    ])
    expect((await steps.accept(gone, token, place)).status).toBe(401)
    expect((await steps.look(token)).status).toBe(200)
  })

  test('is not for somebody whom the inviter blocks', async () => {
    const { token } = await steps.oneSided()
    const eli = await makePerson(scene.admin, 'Eli')
    await scene.block(scene.ana, eli)
    expect((await steps.accept(eli, token)).status).toBe(404)
    await scene.block(scene.ana, eli, false)
    expect((await steps.accept(eli, token)).status).toBe(200)
  })
})
