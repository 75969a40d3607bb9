// The whole throttler on real Redis and Kafka, with an identity authority in this process.
import { randomUUID } from 'node:crypto'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { makeKafka } from '@quits/kit/kafka'
import { topicNames } from '@quits/proto/cloud-event'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { log, startFakeExpenses, startThrottler } from './test-throttler.ts'

const prefix = `t-${randomUUID().slice(0, 8)}`
const topic = topicNames(prefix).users
const kafka = makeKafka({ brokers: process.env['KAFKA_URL'] ?? '', clientId: 'test', log })
const producer = kafka.makeProducer()

let directory: string
let expenses: Awaited<ReturnType<typeof startFakeExpenses>>
let throttler: Awaited<ReturnType<typeof startThrottler>>

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'quits-throttler-'))
  const policyFile = join(directory, 'policies.json')
  await cp(fileURLToPath(new URL('../policies.json', import.meta.url)), policyFile)
  await kafka.ensureTopics([{ topic, partitions: 2 }])
  await producer.connect()
  expenses = await startFakeExpenses()
  throttler = await startThrottler({ prefix, policyFile, expenses })
})
afterAll(async () => {
  await throttler.stop()
  await expenses.stop()
  await producer.close()
  await rm(directory, { recursive: true })
})

let addresses = 0
/** An address that no other test uses. */
const newAddress = () => {
  addresses += 1
  return `198.51.100.${addresses}`
}
const publish = (type: string, data: { userId: string; sessionId?: string }) => {
  const event = {
    specversion: '1.0',
    id: randomUUID(),
    source: 'test',
    type,
    time: new Date().toISOString(),
    datacontenttype: 'application/json',
    data,
  }
  return producer.send(topic, [{ key: data.userId, value: JSON.stringify(event) }])
}

test('each tier has its own burst, and an anonymous one is per address', async () => {
  const [here, there] = [newAddress(), newAddress()]
  const activated = await expenses.newToken({ activated: true })
  const unactivated = await expenses.newToken({ activated: false })
  // What leaks in during the test may let a few more through; never fewer.
  const burst = async (token: string, address: string) => {
    const decisions = await throttler.checkMany(420, { token, address })
    return decisions.filter(({ allowed }) => allowed).length
  }
  const anonymous = await burst('', here)
  expect(anonymous).toBeGreaterThanOrEqual(60)
  expect(anonymous).toBeLessThan(70)
  expect(await burst('', there)).toBeGreaterThanOrEqual(60)
  expect(await burst(unactivated.token, here)).toBeGreaterThanOrEqual(120)
  expect(await burst(activated.token, here)).toBeGreaterThanOrEqual(300)
})

test('an IPv6 household is one bucket', async () => {
  const decisions = await Promise.all(
    Array.from({ length: 90 }, (_, host) =>
      throttler.check({ address: `2001:db8:7:7::${(host + 1).toString(16)}` }),
    ),
  )
  expect(decisions.filter(({ allowed }) => allowed).length).toBeLessThan(70)
})

test('sign-in goes by address whatever the token says', async () => {
  const address = newAddress()
  const { token } = await expenses.newToken({ activated: true })
  const decisions = await throttler.checkMany(40, { token, address, routeClass: 'sign-in' })
  expect(decisions.filter(({ allowed }) => allowed)).toHaveLength(30)
  expect(decisions[0]).toMatchObject({ policy: 'sign-in', tier: 'anonymous', capacity: 30 })
})

test('a thousand junk tokens cost their address, ask nobody and leave the breaker closed', async () => {
  const address = newAddress()
  const askedBefore = expenses.asked()
  const { token } = await expenses.newToken({ activated: true })
  for (let round = 0; round < 10; round += 1) {
    await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        throttler.check({ token: `${token.slice(0, -8)}${round}-${index}xxx`, address }),
      ),
    )
  }
  expect(expenses.asked()).toBe(askedBefore)
  expect((await throttler.check({ address })).allowed).toBe(false)
  expect(await throttler.metric('quits_throttler_breaker_open')).toBe(0)
  expect(await throttler.check({ token, address })).toMatchObject({
    allowed: true,
    tier: 'activated',
    degraded: false,
  })
})

test('nobody can drain the bucket of a user by naming the user as an address', async () => {
  const { token, userId } = await expenses.newToken({ activated: true })
  for (const address of [userId, `u:${userId}`, `{u:${userId}}`]) {
    await throttler.checkMany(200, { address })
  }
  const decision = await throttler.check({ token })
  expect(decision).toMatchObject({ allowed: true, remaining: 299 })
})

test('a cost of the caller is taken as asked', async () => {
  const address = newAddress()
  expect(await throttler.check({ address, cost: 50 })).toMatchObject({ remaining: 10 })
  expect(await throttler.check({ address, cost: 50 })).toMatchObject({ allowed: false })
  expect(await throttler.check({ address, cost: 5 })).toMatchObject({ allowed: true })
})

test('a revoked session is anonymous as soon as its event arrives, and an activated user is not asked twice', async () => {
  await vi.waitUntil(() => throttler.app.invalidation.ready(), { timeout: 30_000 })
  const revoked = await expenses.newToken({ activated: true })
  const fresh = await expenses.newToken({ activated: false })
  const tierOf = async (token: string) => (await throttler.check({ token })).tier
  expect(await tierOf(revoked.token)).toBe('activated')
  expect(await tierOf(fresh.token)).toBe('unactivated')

  expenses.revoke(revoked.token)
  expenses.activate(fresh.token)
  await vi.waitUntil(
    async () => {
      // Published again until heard: the group reads from its end, wherever that was at its join.
      await publish('session.revoked.v1', revoked)
      await publish('user.activated.v1', fresh)
      return (await tierOf(revoked.token)) === 'anonymous'
    },
    { timeout: 30_000, interval: 200 },
  )
  await vi.waitUntil(async () => (await tierOf(fresh.token)) === 'activated', { timeout: 5_000 })
})

test('over HTTP: the decision in headers, and a problem document when refused', async () => {
  const address = newAddress()
  const body = JSON.stringify({ address, routeClass: 'api', cost: 59 })
  const headers = { 'content-type': 'application/json' }
  const ask = () => fetch(`${throttler.http}/v1/check`, { method: 'POST', headers, body })
  const first = await ask()
  expect(first.status).toBe(200)
  expect(first.headers.get('ratelimit-policy')).toBe('"anonymous-api";q=60;w=60')
  expect(first.headers.get('ratelimit')).toBe('"anonymous-api";r=1;t=59')
  const second = await ask()
  expect(second.status).toBe(429)
  expect(second.headers.get('content-type')).toBe('application/problem+json')
  expect(Number(second.headers.get('retry-after'))).toBeGreaterThan(50)
  expect(await second.json()).toMatchObject({ code: 'too_many_requests', status: 429 })
})

test('for sub-requests of another proxy: headers in, 200 or the asked refusal out', async () => {
  const address = newAddress()
  const ask = (headers: Record<string, string>, query = '') =>
    fetch(`${throttler.http}/v1/check${query}`, { headers })
  const { token } = await expenses.newToken({ activated: true })
  const known = await ask({ authorization: `Bearer ${token}`, 'x-forwarded-for': address })
  expect(await known.json()).toMatchObject({ tier: 'activated' })
  await throttler.checkMany(40, { address, routeClass: 'sign-in' })
  const signIn = { 'x-forwarded-for': address, 'x-route-class': 'sign-in' }
  expect((await ask(signIn)).status).toBe(429)
  expect((await ask(signIn, '?deny=403')).status).toBe(403)
  expect((await ask({})).status).toBe(400)
  expect((await ask({ 'x-forwarded-for': `${address}, 192.0.2.1` })).status).toBe(400)
})

test.each([
  ['no address', '{"routeClass":"api"}', 400],
  ['an unknown field', '{"address":"192.0.2.1","user":"42"}', 400],
  ['a negative cost', '{"address":"192.0.2.1","cost":-1}', 400],
  ['no JSON', '{', 400],
  ['far too much', `{"address":"${'x'.repeat(20_000)}"}`, 413],
])('a check with %s is a problem, not a crash', async (_name, body, status) => {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(`${throttler.http}/v1/check`, { method: 'POST', headers, body })
  expect(response.status).toBe(status)
  expect(response.headers.get('content-type')).toBe('application/problem+json')
})

test('new policies are taken, broken ones leave the last good ones, and old denials are forgotten', async () => {
  const address = newAddress()
  const policyFile = join(directory, 'policies.json')
  const file = await readFile(policyFile, 'utf8')
  await throttler.checkMany(40, { address, routeClass: 'sign-in' })
  expect((await throttler.check({ address, routeClass: 'sign-in' })).allowed).toBe(false)

  await writeFile(policyFile, '{"classes":{},"policies":[]}')
  await vi.waitUntil(async () => (await throttler.reloads('refused')) === 1, { timeout: 10_000 })
  expect((await throttler.check({ address, routeClass: 'sign-in' })).allowed).toBe(false)

  await writeFile(policyFile, file.replace('"capacity": 30,', '"capacity": 1000,'))
  await vi.waitUntil(async () => (await throttler.reloads('taken')) === 1, { timeout: 10_000 })
  expect(await throttler.check({ address, routeClass: 'sign-in' })).toMatchObject({
    allowed: true,
    capacity: 1_000,
  })
})
