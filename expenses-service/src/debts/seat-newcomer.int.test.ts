import { randomUUID } from 'node:crypto'
import { inTransaction } from '@quits/kit/postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { limits } from '../limits.ts'
import { makePerson, type Person } from '../testing/people.ts'
import { type Scene, setScene } from '../testing/scene.ts'
import { seatNewcomer } from './seat-newcomer.ts'

let scene: Scene

beforeAll(async () => {
  scene = await setScene()
})
afterAll(() => scene.close())

const newAddress = () => `${randomUUID()}@example.test`

/** Gives the newcomer what waits for the address; answers how often the database was asked. */
const seat = (person: Person, email: string) =>
  inTransaction(scene.pool, async (connection) => {
    let asked = 0
    const counting = new Proxy(connection, {
      get: (target, name) => {
        if (name === 'query') asked += 1
        const member: unknown = Reflect.get(target, name)
        return typeof member === 'function' ? member.bind(target) : member
      },
    })
    await seatNewcomer(counting, { userId: person.userId, email })
    return asked
  })

const idsOf = async (person: Person) => {
  const { body } = await scene.get(person, '/v1/debts?limit=100')
  const items = body['items'] as { id: string; category: string }[]
  expect(items.every(({ category }) => category === 'groceries')).toBe(true)
  return items.map(({ id }) => id).toSorted()
}

test('however many debts wait, the newcomer is seated in as few statements', async () => {
  const askedFor = async (debts: number) => {
    const email = newAddress()
    const lent = await Promise.all(Array.from({ length: debts }, () => scene.lend({ email })))
    const person = await makePerson(scene.admin, 'New')
    const asked = await seat(person, email)
    const ids = lent.map(({ body }) => String(body['id'])).toSorted()
    expect(await idsOf(person)).toEqual(ids)
    const { rows } = await scene.admin.query<{ event: string }>(
      'SELECT event FROM outbox_events WHERE key = ANY($1)',
      [ids],
    )
    const told = rows.filter(({ event }) => event.includes(person.userId))
    expect(told).toHaveLength(debts)
    return asked
  }
  const few = await askedFor(2)
  expect(await askedFor(40)).toBe(few)
})

test('an address keeps as many debts as stated, the oldest, and nobody learns of the next', async () => {
  const email = newAddress()
  await scene.admin.query(
    'INSERT INTO waiting SELECT $1, gen_random_uuid() FROM generate_series(1, $2)',
    [email, limits.waitingPerAddressMax - 1],
  )
  const kept = await scene.lend({ email })
  const beyond = await scene.lend({ email })
  const known = await scene.lend({ email: scene.bo.email })
  const shape = ({ status, body }: typeof known) => ({
    status,
    body: { ...body, id: '', createdAt: '', counterparty: '' },
  })
  expect(shape(beyond)).toEqual(shape(kept))
  expect(shape(beyond)).toEqual(shape(known))

  const person = await makePerson(scene.admin, 'Late')
  await seat(person, email)
  expect(await idsOf(person)).toEqual([kept.body['id']])
  const invited = await scene.post(scene.ana, `/v1/debts/${String(beyond.body['id'])}/invitations`)
  expect(invited.status).toBe(201)
})
