import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeTestDatabase, type TestDatabase } from '../testing/database.ts'
import { startTestService, type TestService } from '../testing/service.ts'
import { makeGuards } from './guards.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await makeTestDatabase()
})
afterAll(() => database.drop())

const guardsOf = (perAddressPerHour = 1_000) =>
  makeGuards({ pool: database.pool, perAddressPerHour })

/** How many of `tries` pass before the first refusal. */
const passing = async (tries: number, attempt: (index: number) => Promise<void>) => {
  for (let index = 0; index < tries; index += 1) {
    try {
      await attempt(index)
    } catch (error) {
      expect(error).toMatchObject({ code: 'too_many_attempts' })
      return index
    }
  }
  return tries
}

const account = () => `${randomUUID()}@example.test`

test('five codes an hour for one account and address, across processes', async () => {
  const [one, other] = [guardsOf(), guardsOf()]
  const email = account()
  const passed = await passing(10, (index) =>
    (index % 2 === 0 ? one : other).code(email, '192.0.2.1'),
  )
  expect(passed).toBe(5)
})

test('a flood from elsewhere does not lock the owner out', async () => {
  const guards = guardsOf()
  const email = account()
  expect(await passing(40, () => guards.password(email, '192.0.2.2'))).toBe(20)
  await expect(guards.password(email, '192.0.2.3')).resolves.toBeUndefined()
  await expect(guards.code(email, '192.0.2.3')).resolves.toBeUndefined()
})

test('a flood from everywhere is stopped, and says when to come back', async () => {
  const guards = guardsOf()
  const email = account()
  const from = (index: number) => `198.51.100.${index}`
  expect(await passing(150, (index) => guards.password(email, from(index)))).toBe(100)
  await expect(guards.password(email, '203.0.113.1')).rejects.toMatchObject({
    shown: { retryAfterSeconds: expect.any(Number) as unknown },
  })
})

test('one address cannot try many accounts; twin: its neighbour can', async () => {
  const guards = guardsOf(30)
  const [flood, neighbour] = ['2001:db8:0:1::', '2001:db8:0:2::1']
  expect(await passing(60, (index) => guards.password(account(), flood + index.toString(16)))).toBe(
    30,
  )
  await expect(guards.password(account(), neighbour)).resolves.toBeUndefined()
})

test('the right password forgives the slips before it', async () => {
  const guards = guardsOf()
  const email = account()
  expect(await passing(19, () => guards.password(email, '192.0.2.4'))).toBe(19)
  await guards.forgive(email, '192.0.2.4')
  expect(await passing(20, () => guards.password(email, '192.0.2.4'))).toBe(20)
})

test('the counters name nobody', async () => {
  const email = account()
  await guardsOf().code(email, '192.0.2.5')
  const { rows } = await database.admin.query('SELECT key FROM sign_in_limits')
  expect(rows.length).toBeGreaterThan(0)
  expect(JSON.stringify(rows)).not.toMatch(/example\.test|192\.0\.2/)
})

test('over HTTP a limit is the same 429 for known and unknown addresses', async () => {
  const service: TestService = await startTestService()
  try {
    const { email } = await service.signUp('Ana')
    const sixth = async (address: string, before: number) => {
      const asking = { body: { email: address } }
      for (let index = 0; index < before; index += 1) {
        await service.ask('POST', '/v1/auth/codes', asking)
      }
      return service.ask('POST', '/v1/auth/codes', asking)
    }
    const known = await sixth(email, 4)
    const unknown = await sixth(account(), 5)
    expect(known).toMatchObject({ status: 429, body: { code: 'too_many_attempts' } })
    expect(unknown.body).toEqual(known.body)
    expect(Number(known.headers.get('retry-after'))).toBeGreaterThan(3_500)
  } finally {
    await service.stop()
  }
})

test('closed sign-ups are closed for everybody alike', async () => {
  const service = await startTestService({ QUITS_SIGNUP: 'closed' })
  try {
    const body = { name: 'Ana', email: account() }
    const answer = await service.ask('POST', '/v1/users', { body })
    expect(answer).toMatchObject({ status: 403, body: { code: 'signup_closed' } })
  } finally {
    await service.stop()
  }
})
