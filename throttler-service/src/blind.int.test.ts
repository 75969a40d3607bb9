// The throttler while what it leans on is gone: it answers, says so, and never fails a request.
import { once } from 'node:events'
import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test, vi } from 'vitest'
import { startFakeExpenses, startThrottler } from './test-throttler.ts'

const policyFile = fileURLToPath(new URL('../policies.json', import.meta.url))
const nothing = '127.0.0.1:1'
const nobodyThere = { address: nothing, jwksUrl: `http://${nothing}/` }
const newPrefix = () => `t-${randomUUID().slice(0, 8)}`

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop()
})
const throttlerWith = async (options: Partial<Parameters<typeof startThrottler>[0]>) => {
  const defaults = { prefix: newPrefix(), policyFile, expenses: nobodyThere }
  const throttler = await startThrottler({ ...defaults, ...options })
  stops.push(throttler.stop)
  return throttler
}
const passed = (decisions: { allowed: boolean }[]) =>
  decisions.filter(({ allowed }) => allowed).length

test('without Redis the insurance answers at the policy’s rate, strictly for sign-in', async () => {
  const throttler = await throttlerWith({ redisUrl: `redis://${nothing}` })
  const api = await throttler.checkMany(100, {})
  expect(api.every(({ degraded }) => degraded)).toBe(true)
  expect(passed(api)).toBe(60)
  expect(passed(await throttler.checkMany(40, { routeClass: 'sign-in' }))).toBe(10)
  expect(await throttler.metric('quits_throttler_redis_up')).toBe(0)
  const total =
    'quits_throttler_checks_total{tier="anonymous",class="api",outcome="allowed",degraded="true"'
  expect(await throttler.metric(total)).toBe(60)
})

test('when Redis goes away in the middle the answers go on', async () => {
  const throttler = await throttlerWith({})
  await vi.waitUntil(() => throttler.redis.status === 'ready')
  expect(await throttler.check({})).toMatchObject({ allowed: true, degraded: false })
  const ended = once(throttler.redis, 'end')
  throttler.redis.disconnect()
  expect(await throttler.check({})).toMatchObject({ allowed: true, degraded: true })
  await ended
  await throttler.redis.connect()
  expect(await throttler.check({})).toMatchObject({ allowed: true, degraded: false })
})

test('it starts and is ready while expenses, and with it identity, is down', async () => {
  const throttler = await throttlerWith({})
  await vi.waitUntil(() => throttler.redis.status === 'ready')
  expect((await fetch(`${throttler.internal}/readyz`)).status).toBe(200)
  const decision = await throttler.check({ token: 'any' })
  expect(decision).toMatchObject({ allowed: true, tier: 'anonymous', degraded: true })
})

test('when identity dies the breaker opens: known callers keep their tier, others are anonymous', async () => {
  const expenses = await startFakeExpenses()
  const throttler = await throttlerWith({ expenses })
  await vi.waitUntil(() => throttler.redis.status === 'ready')
  await vi.waitUntil(async () => (await throttler.metric('quits_throttler_keys_loaded')) === 1)
  const known = await expenses.newToken({ activated: true })
  expect(await throttler.check(known)).toMatchObject({ tier: 'activated', degraded: false })
  await expenses.stop()
  const strangers = []
  for (let round = 0; round < 6; round += 1) {
    const { token } = await expenses.newToken({ activated: true })
    strangers.push(await throttler.check({ token }))
  }
  for (const stranger of strangers) {
    expect(stranger).toMatchObject({ allowed: true, tier: 'anonymous', degraded: true })
  }
  expect(await throttler.metric('quits_throttler_breaker_open')).toBe(1)
  expect(await throttler.check(known)).toMatchObject({ allowed: true, tier: 'activated' })
})
