import { randomUUID } from 'node:crypto'
import { unseal } from '@quits/kit/seal'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { limits } from '../limits.ts'
import { inviting } from '../testing/invitations.ts'
import { eur, type Scene, setScene } from '../testing/scene.ts'

let scene: Scene
let steps: ReturnType<typeof inviting>

beforeAll(async () => {
  scene = await setScene()
  steps = inviting(scene)
})
afterAll(() => scene.close())

const isDecline = ({ type }: { type: string }) => type === 'invitation.declined.v1'

describe('an invitation', () => {
  test('shows one debt without an account: names, amounts, history, and nobody’s id', async () => {
    const { token, debtId } = await steps.oneSided()
    const shown = await steps.look(token)
    expect(shown).toMatchObject({
      status: 200,
      body: {
        inviter: { name: 'Ana' },
        seat: { role: 'borrower', name: 'Cousin Lee' },
        status: 'open',
        balance: eur('3000'),
        description: 'groceries',
        seq: 2,
        items: [
          { seq: 2, kind: 'repayment', amount: eur('1000'), note: 'cash', by: 'inviter' },
          { seq: 1, kind: 'advance', amount: eur('4000'), balance: eur('4000') },
        ],
        next: null,
      },
    })
    expect(shown.text).not.toContain(scene.ana.userId)
    const history = await scene.get(scene.ana, `/v1/debts/${debtId}/transactions`)
    const [newest] = history.body['items'] as { hash: string }[]
    expect(shown.body['hash']).toBe(newest?.hash)
    const first = await steps.look(token, '?limit=1')
    const rest = await steps.look(token, `?limit=1&cursor=${String(first.body['next'])}`)
    expect(rest.body).toMatchObject({ items: [{ seq: 1 }], next: null })
  })

  test('is a link that a repetition shows again, and no table holds', async () => {
    const { body } = await scene.lend({ name: 'Lee' })
    const id = String(body['id'])
    const headers = { 'idempotency-key': randomUUID() }
    const made = await steps.invite(id, {}, headers)
    expect(made).toMatchObject({
      status: 201,
      body: { state: 'open', link: `https://quits.test/invitations/${made.token}` },
    })
    const again = await steps.invite(id, {}, headers)
    expect(again.body).toEqual(made.body)
    expect(again.headers.get('idempotency-replayed')).toBe('true')
    const other = await steps.invite(id, { email: 'x@example.test' }, headers)
    expect(other).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } })
    const entry = { kind: 'repayment', amount: eur('1') }
    const used = { 'idempotency-key': randomUUID() }
    await scene.post(scene.ana, `/v1/debts/${id}/transactions`, entry, used)
    expect((await steps.invite(id, {}, used)).body['code']).toBe('idempotency_key_reused')
    expect((await steps.invite(id)).token).not.toBe(made.token)
    const { rows } = await scene.admin.query('SELECT t::text FROM invitations t')
    expect(JSON.stringify(rows)).toContain(made.id)
    expect(JSON.stringify(rows)).not.toContain(made.token)
    const list = await scene.get(scene.ana, `/v1/debts/${id}/invitations`)
    expect(list.body['items']).toHaveLength(2)
    expect(list.text).not.toContain(made.token)
  })

  test('needs a key, and is made by who has a seat, for a seat that is free', async () => {
    const { debtId } = await steps.oneSided()
    const path = `/v1/debts/${debtId}/invitations`
    const keyless = await scene.request(scene.ana, 'POST', path, {}, { 'idempotency-key': '' })
    expect(keyless.status).toBe(400)
    expect((await scene.post(scene.eve, path)).status).toBe(404)
    expect((await scene.get(scene.eve, path)).status).toBe(404)
    const shared = await scene.openDebtWithBo()
    expect(await steps.invite(shared)).toMatchObject({ status: 409, body: { code: 'seat_taken' } })
    const proposed = await scene.lend({ email: scene.bo.email })
    const asked = await scene.post(scene.bo, `/v1/debts/${String(proposed.body['id'])}/invitations`)
    expect(asked).toMatchObject({ status: 409, body: { code: 'accept_first' } })
  })

  test(`works at most ${limits.invitationsPerDebtMax} times over, until one is revoked`, async () => {
    const { debtId, id } = await steps.oneSided()
    for (let count = 1; count < limits.invitationsPerDebtMax; count += 1) {
      expect((await steps.invite(debtId)).status).toBe(201)
    }
    expect(await steps.invite(debtId)).toMatchObject({
      status: 422,
      body: { code: 'too_many_invitations' },
    })
    await scene.request(scene.ana, 'DELETE', `/v1/debts/${debtId}/invitations/${id}`)
    expect((await steps.invite(debtId)).status).toBe(201)
  })
})

describe('a link that works no more', () => {
  /** What looking, accepting and declining answer. */
  const answersTo = async (token: string, place: unknown) => {
    const answers = [
      await steps.look(token),
      await steps.accept(scene.bo, token, place),
      await scene.post(scene.bo, `/v1/invitations/${token}/decline`),
    ]
    return answers.map(({ status, body }) => `${status} ${String(body['code'])}`)
  }
  const nothing = Array.from({ length: 3 }, () => '404 not_found')

  test('because it was revoked', async () => {
    const { token, debtId, id } = await steps.oneSided()
    const place = await steps.placeIn(token)
    const path = `/v1/debts/${debtId}/invitations/${id}`
    expect((await scene.request(scene.eve, 'DELETE', path)).status).toBe(404)
    expect((await steps.look(token)).status).toBe(200)
    expect((await scene.request(scene.ana, 'DELETE', path)).status).toBe(204)
    expect((await scene.request(scene.ana, 'DELETE', path)).status).toBe(204)
    expect(await answersTo(token, place)).toEqual(nothing)
  })

  test('because thirty days went by', async () => {
    const { token, id } = await steps.oneSided()
    const place = await steps.placeIn(token)
    const age = `UPDATE invitations SET expires_at = expires_at - $2::interval WHERE id = $1`
    await scene.admin.query(age, [id, '29 days'])
    expect((await steps.look(token)).status).toBe(200)
    await scene.admin.query(age, [id, '1 day'])
    expect(await answersTo(token, place)).toEqual(nothing)
  })

  test('because there never was one', async () => {
    const place = { seq: 1, hash: 'a'.repeat(64) }
    for (const token of ['x', 'A'.repeat(43), '%00', "'"]) {
      expect(await answersTo(token, place)).toEqual(nothing)
    }
  })

  test('because somebody said no to it; the debt stays as it was', async () => {
    const { token, debtId, id } = await steps.oneSided()
    const path = `/v1/invitations/${token}/decline`
    expect((await scene.request(undefined, 'POST', path, {})).status).toBe(401)
    const own = await scene.post(scene.ana, path)
    expect(own).toMatchObject({ status: 422, body: { code: 'debt_with_yourself' } })
    const before = await scene.history()
    for (let times = 0; times < 2; times += 1) {
      expect(await scene.post(scene.bo, path)).toMatchObject({
        status: 200,
        body: { state: 'declined' },
      })
    }
    expect(await scene.history()).toBe(before)
    expect((await scene.eventsOf(debtId)).filter(isDecline)).toMatchObject([
      {
        id: `${debtId}@${id}`,
        data: { actorId: scene.bo.userId, parties: [{ userId: scene.ana.userId, role: 'lender' }] },
      },
    ])
    expect((await steps.look(token)).status).toBe(404)
    const late = await steps.accept(scene.eve, token, { seq: 2, hash: 'a'.repeat(64) })
    expect(late).toMatchObject({ status: 409, body: { code: 'already_answered' } })
    const list = await scene.get(scene.ana, `/v1/debts/${debtId}/invitations`)
    expect(list.body['items']).toMatchObject([{ state: 'declined' }])
    expect(list.text).not.toContain(scene.bo.userId)
  })
})

test('there is nothing to say no to once the seat is taken, and nobody is told', async () => {
  const { token, debtId } = await steps.oneSided()
  const other = await steps.invite(debtId)
  await steps.accept(scene.eve, other.token, await steps.placeIn(other.token))
  const late = await scene.post(scene.bo, `/v1/invitations/${token}/decline`)
  expect(late).toMatchObject({ status: 404, body: { code: 'not_found' } })
  expect((await scene.eventsOf(debtId)).filter(isDecline)).toEqual([])
})

test('the same no twice at once is one, and told once', async () => {
  const { token, debtId } = await steps.oneSided()
  const path = `/v1/invitations/${token}/decline`
  const key = { 'idempotency-key': randomUUID() }
  const answers = await Promise.all([1, 2, 3].map(() => scene.post(scene.bo, path, {}, key)))
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
  expect((await scene.eventsOf(debtId)).filter(isDecline)).toHaveLength(1)
})

test('a no of somebody whom the inviter blocks does not reach them', async () => {
  const { token, debtId } = await steps.oneSided()
  await scene.block(scene.ana, scene.bo)
  expect((await scene.post(scene.bo, `/v1/invitations/${token}/decline`)).status).toBe(200)
  await scene.block(scene.ana, scene.bo, false)
  expect((await scene.eventsOf(debtId)).filter(isDecline)).toEqual([])
})

describe('an invitation by mail', () => {
  test('carries a name, an amount and a sealed link, and no other words', async () => {
    const { body } = await scene.lend({ name: 'Lee' })
    const email = `Lee-${randomUUID()}@Example.test`
    const invited = await steps.invite(String(body['id']), { email })
    expect(invited.body).toMatchObject({ mailedTo: email.toLowerCase() })
    const [job, ...more] = await steps.jobsTo(email.toLowerCase())
    expect(more).toEqual([])
    expect(job).toMatchObject({
      template: 'invitation',
      inviter: 'Ana',
      amount: eur('4000'),
      to: { name: '' },
    })
    const text = JSON.stringify(job)
    for (const secret of ['groceries', invited.token, 'Lee"']) expect(text).not.toContain(secret)
    const sealed = job?.template === 'invitation' ? job.sealed : ''
    expect(unseal(scene.jobsKey, job?.id ?? '', sealed)).toEqual({ link: invited.body['link'] })
  })

  test('is written once, however often it is asked for with the same key', async () => {
    const { body } = await scene.lend({ name: 'Lee' })
    const email = `${randomUUID()}@example.test`
    const headers = { 'idempotency-key': randomUUID() }
    await Promise.all([1, 2, 3].map(() => steps.invite(String(body['id']), { email }, headers)))
    expect(await steps.jobsTo(email)).toHaveLength(1)
  })

  test('is not written to who blocks the inviter, and the answer does not tell', async () => {
    await scene.block(scene.eve, scene.ana)
    const { body } = await scene.lend({ name: 'Lee' })
    const [blocking, other] = [scene.eve.email, scene.bo.email]
    const silent = await steps.invite(String(body['id']), { email: blocking })
    const written = await steps.invite(String(body['id']), { email: other })
    const keysOf = (reply: typeof silent) => [reply.status, Object.keys(reply.body)]
    expect(keysOf(silent)).toEqual(keysOf(written))
    expect(await steps.jobsTo(blocking)).toEqual([])
    expect(await steps.jobsTo(other)).toHaveLength(1)
  })

  test(`goes to one address ${limits.mailsPerAddressPerDay} times a day, over all debts`, async () => {
    const email = `${randomUUID()}@example.test`
    const debts = await Promise.all([1, 2, 3, 4].map(() => scene.lend({ name: 'Lee' })))
    const ids = debts.map(({ body }) => String(body['id']))
    const replies = await Promise.all(ids.map((id) => steps.invite(id, { email })))
    const refused = replies.filter(({ status }) => status !== 201)
    expect(refused).toMatchObject([{ status: 429, body: { code: 'too_many_mails' } }])
    expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThan(86_000)
    expect(await steps.jobsTo(email)).toHaveLength(limits.mailsPerAddressPerDay)
    // A link to hand over is still there to be made, and so is a mail to somebody else.
    const [id = ''] = ids
    expect((await steps.invite(id)).status).toBe(201)
    expect((await steps.invite(id, { email: `${randomUUID()}@example.test` })).status).toBe(201)
    await scene.admin.query(
      `UPDATE invitations SET created_at = created_at - interval '1 day' WHERE address = $1`,
      [email],
    )
    expect((await steps.invite(id, { email })).status).toBe(201)
  })

  test('to oneself is refused, and leaves nothing', async () => {
    const { body } = await scene.lend({ name: 'Lee' })
    const refused = await steps.invite(String(body['id']), { email: scene.ana.email })
    expect(refused).toMatchObject({ status: 422, body: { code: 'debt_with_yourself' } })
    expect(await steps.jobsTo(scene.ana.email)).toEqual([])
    const list = await scene.get(scene.ana, `/v1/debts/${String(body['id'])}/invitations`)
    expect(list.body['items']).toEqual([])
  })
})
