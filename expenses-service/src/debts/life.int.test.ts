import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makePerson, type Person } from '../testing/people.ts'
import { eur, type Scene, setScene } from '../testing/scene.ts'

let scene: Scene

beforeAll(async () => {
  scene = await setScene()
})
afterAll(() => scene.close())

const patch = (person: Person, id: string, body: unknown, version?: number | string) =>
  scene.request(person, 'PATCH', `/v1/debts/${id}`, body, {
    'content-type': 'application/json',
    ...(version === undefined ? {} : { 'if-match': `"${version}"` }),
  })

describe('changing the words of a debt', () => {
  test('is seen by both, raises the version, and tells both without a word', async () => {
    const id = await scene.openDebtWithBo()
    const changed = await patch(scene.bo, id, { description: 'Food', dueOn: '2027-01-31' }, 2)
    expect(changed.status).toBe(200)
    expect(changed.headers.get('etag')).toMatch(/^"3-[0-9a-f]{8}"$/)
    expect(changed.body).toMatchObject({ description: 'Food', dueOn: '2027-01-31', version: 3 })
    const seen = await scene.get(scene.ana, `/v1/debts/${id}`)
    expect(seen.body).toMatchObject({ description: 'Food', dueOn: '2027-01-31', version: 3 })
    const event = (await scene.eventsOf(id)).at(-1)
    expect(event).toMatchObject({
      id: `${id}@3`,
      type: 'debt.changed.v1',
      data: { version: 3, actorId: scene.bo.userId, balance: eur('4000') },
    })
    expect(event?.data.parties).toHaveLength(2)
    expect(JSON.stringify(event)).not.toContain('Food')
  })

  test('the tag tells what only its reader sees apart, and any tag of the version may change', async () => {
    const id = await scene.openDebtWithBo()
    const tagOf = async () => {
      const { headers, body } = await scene.get(scene.bo, `/v1/debts/${id}`)
      return { tag: headers.get('etag') ?? '', version: body['version'] }
    }
    const first = await tagOf()
    expect(await tagOf()).toEqual(first)
    const tags = new Set([first.tag])
    const changes = [
      () => scene.post(scene.bo, `/v1/debts/${id}/archive`),
      () => scene.post(scene.bo, `/v1/debts/${id}/unarchive`),
      () => patch(scene.bo, id, { category: 'fun' }, 2),
      () => scene.admin.query(`UPDATE users SET name = 'An' WHERE id = $1`, [scene.ana.userId]),
    ]
    for (const change of changes) {
      await change()
      const { tag, version } = await tagOf()
      expect(version).toBe(first.version)
      tags.add(tag)
    }
    // Taken out again it is what it was; all other states are told apart.
    expect(tags.size).toBe(changes.length)
    await scene.admin.query(`UPDATE users SET name = 'Ana' WHERE id = $1`, [scene.ana.userId])
    const tag = first.tag.slice(1, -1)
    expect((await patch(scene.bo, id, { description: 'Food' }, tag)).status).toBe(200)
    expect((await patch(scene.bo, id, { description: 'More' }, tag)).status).toBe(412)
    expect((await patch(scene.bo, id, { description: 'More' }, '3-')).status).toBe(412)
  })

  test('tells nobody who blocks me, and tells them again when they no longer do', async () => {
    const id = await scene.openDebtWithBo()
    const toldOf = async (version: number) => {
      await patch(scene.ana, id, { description: `words ${version}` }, version)
      const told = (await scene.eventsOf(id)).at(-1)
      return told?.data.parties.map(({ userId }) => userId)
    }
    await scene.block(scene.bo, scene.ana)
    expect(await toldOf(2)).toEqual([scene.ana.userId])
    await scene.block(scene.bo, scene.ana, false)
    expect(await toldOf(3)).toContain(scene.bo.userId)
  })

  test('leaves the journal alone, and the next entry stands on the raised version', async () => {
    const id = await scene.openDebtWithBo()
    await patch(scene.ana, id, { description: 'other words' }, 2)
    const paid = await scene.post(scene.ana, `/v1/debts/${id}/transactions`, {
      kind: 'repayment',
      amount: eur('100'),
    })
    expect(paid).toMatchObject({ status: 201, body: { seq: 3 } })
    expect((await scene.get(scene.ana, `/v1/debts/${id}`)).body['version']).toBe(4)
    const opening = await scene.get(scene.ana, `/v1/debts/${id}/transactions/1`)
    expect(opening.body['note']).toBe('groceries')
  })

  test('needs the version that was read: none is 428, a stale one 412 with the present', async () => {
    const id = await scene.openDebtWithBo()
    const before = await scene.ledger()
    const body = { description: 'lost' }
    expect(await patch(scene.ana, id, body)).toMatchObject({
      status: 428,
      body: { code: 'precondition_required' },
    })
    for (const stale of [1, 3, 'x']) {
      expect(await patch(scene.ana, id, body, stale)).toMatchObject({
        status: 412,
        body: { code: 'version_conflict', version: 2 },
      })
    }
    expect(await scene.ledger()).toBe(before)
    expect((await patch(scene.ana, id, body, 2)).status).toBe(200)
    expect(await scene.ledger()).not.toBe(before)
  })

  test('of two who change the same version at once, one is told so', async () => {
    const id = await scene.openDebtWithBo()
    const replies = await Promise.all([
      patch(scene.ana, id, { description: 'hers' }, 2),
      patch(scene.bo, id, { description: 'his' }, 2),
    ])
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200, 412]))
    const winner = replies.find(({ status }) => status === 200)
    const { body } = await scene.get(scene.ana, `/v1/debts/${id}`)
    expect(body).toMatchObject({ version: 3, description: winner?.body['description'] })
  })

  test('takes a due date away with null, and saying the same again raises nothing', async () => {
    const id = await scene.openDebtWithBo()
    await patch(scene.ana, id, { dueOn: '2027-01-31' }, 2)
    expect((await patch(scene.ana, id, { dueOn: '2027-01-31' }, 3)).body['version']).toBe(3)
    const without = await patch(scene.ana, id, { dueOn: null }, 3)
    expect(without.body).toMatchObject({ dueOn: null, version: 4 })
  })

  test('is for who has the seat: not for the asked, not for strangers, not when it is over', async () => {
    const { body } = await scene.lend({ email: scene.bo.email })
    const id = String(body['id'])
    const words = { description: 'words' }
    expect(await patch(scene.bo, id, words, 1)).toMatchObject({
      status: 409,
      body: { code: 'accept_first' },
    })
    expect((await patch(scene.eve, id, words, 1)).status).toBe(404)
    await scene.post(scene.bo, `/v1/debts/${id}/decline`)
    expect(await patch(scene.ana, id, words, 2)).toMatchObject({
      status: 409,
      body: { code: 'debt_not_open' },
    })
  })

  test.each([
    ['nothing', {}, 'invalid_request'],
    ['an unknown field', { note: 'x' }, 'unknown_field'],
    ['words that are too long', { description: 'x'.repeat(201) }, 'invalid_request'],
    ['words with a line break', { description: 'a\nb' }, 'invalid_request'],
    ['a date that is none', { dueOn: '2027-02-30' }, 'invalid_date'],
    ['no words', { description: null }, 'invalid_request'],
  ])('%s is refused', async (_, body, code) => {
    const id = await scene.openDebtWithBo()
    expect(await patch(scene.ana, id, body, 2)).toMatchObject({ status: 422, body: { code } })
  })
})

describe('a category', () => {
  test('is guessed for each, and each changes only their own, without a new version', async () => {
    const id = await scene.openDebtWithBo()
    const path = `/v1/debts/${id}`
    expect((await scene.get(scene.ana, path)).body['category']).toBe('groceries')
    expect((await scene.get(scene.bo, path)).body['category']).toBe('groceries')
    const changed = await patch(scene.bo, id, { category: 'my own' }, 2)
    expect(changed.body).toMatchObject({ category: 'my own', version: 2 })
    expect((await scene.get(scene.ana, path)).text).not.toContain('my own')
    expect((await patch(scene.bo, id, { category: null }, 2)).body['category']).toBeNull()
    expect((await scene.eventsOf(id)).map(({ type }) => type)).not.toContain('debt.changed.v1')
  })

  test('that was given is not guessed, and stays with who gave it', async () => {
    const { body } = await scene.post(scene.ana, '/v1/debts', {
      role: 'lender',
      counterparty: { email: scene.bo.email },
      opening: eur('5'),
      description: 'pizza',
      category: 'Tuesdays',
    })
    expect(body['category']).toBe('Tuesdays')
    const seen = await scene.get(scene.bo, `/v1/debts/${String(body['id'])}`)
    expect(seen.body['category']).toBe('food')
  })
})

describe('putting a debt away', () => {
  test('hides it from my own list only, as often as I say so', async () => {
    const [cy, di] = [await makePerson(scene.admin, 'Cy'), await makePerson(scene.admin, 'Di')]
    const { body } = await scene.post(cy, '/v1/debts', {
      role: 'borrower',
      counterparty: { email: di.email },
      opening: eur('700'),
      description: 'old',
    })
    const id = String(body['id'])
    const ids = async (person: Person, query = '') => {
      const list = await scene.get(person, `/v1/debts${query}`)
      return (list.body['items'] as { id: string }[]).map((debt) => debt.id)
    }
    for (let times = 0; times < 2; times += 1) {
      const archived = await scene.post(cy, `/v1/debts/${id}/archive`, undefined, {})
      expect(archived.body).toMatchObject({ archived: true, version: 1 })
    }
    expect(await ids(cy)).toEqual([])
    expect(await ids(cy, '?archived=false')).toEqual([])
    expect(await ids(cy, '?archived=true')).toEqual([id])
    expect(await ids(cy, '?archived=any')).toEqual([id])
    expect(await ids(di)).toEqual([id])
    const summary = await scene.get(cy, '/v1/summary')
    expect(summary.body['currencies']).toMatchObject([{ owing: '700' }])
    await scene.post(cy, `/v1/debts/${id}/unarchive`)
    expect(await ids(cy)).toEqual([id])
    expect((await scene.post(scene.eve, `/v1/debts/${id}/archive`)).status).toBe(404)
  })
})
