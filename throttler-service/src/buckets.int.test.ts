// The leaky bucket on a real Redis against a model that shares no code with it: the theoretical
// arrival time form of GCRA, while the script keeps a level.
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { makeLog } from '@quits/kit/log'
import { makeRedis } from '@quits/kit/redis'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type Draw, type Drawn, makeBuckets } from './buckets.ts'

const log = makeLog({ service: 'test', level: 'silent' })
const redis = makeRedis({ url: process.env['REDIS_URL'] ?? '', name: 'test', log })
const prefix = `test-${randomUUID()}:`
const second = 1_000_000
const hour = 3_600 * second

let nowUs = 0
const buckets = makeBuckets({ redis, nowUs: () => nowUs })
const newKey = () => `${prefix}{${randomUUID()}}`

beforeAll(async () => {
  if (redis.status !== 'ready') await new Promise((resolve) => redis.once('ready', resolve))
})
afterAll(async () => {
  const keys = await redis.keys(`${prefix}*`)
  for (const key of keys) await redis.del(key)
  await redis.quit()
})

const makeModel = () => {
  const arrivals = new Map<string, number>()
  return (draws: Draw[], atUs: number): boolean => {
    const next = draws.map(({ key, costUs }) => Math.max(arrivals.get(key) ?? 0, atUs) + costUs)
    const fits = draws.every(({ capacityUs }, index) => (next[index] ?? 0) - atUs <= capacityUs)
    if (!fits) return false
    for (const [index, { key }] of draws.entries()) arrivals.set(key, next[index] ?? 0)
    return true
  }
}

type Ask = (draws: Draw[]) => Promise<Drawn>

/** How many of the first `count` requests, `everyUs` apart, pass. */
const passedOf = async (ask: Ask, draws: Draw[], everyUs: number, count: number) => {
  let passed = 0
  for (let sent = 0; sent < count; sent += 1) {
    if ((await ask(draws)).allowed) passed += 1
    nowUs += everyUs
  }
  return passed
}

/** A bucket of `capacity` tokens that leaks `perSecond` of them. */
const bucketOf = (capacity: number, perSecond: number, key = newKey()): Draw => {
  const intervalUs = Math.round(second / perSecond)
  return { key, capacityUs: capacity * intervalUs, costUs: intervalUs }
}

test('answers as the model does, whatever comes when', async () => {
  const steps = fc.array(
    fc.record({
      waitUs: fc.oneof(fc.nat(3 * second), fc.constant(0), fc.nat(100 * second)),
      cost: fc.integer({ min: 1, max: 4 }),
      both: fc.boolean(),
    }),
    { minLength: 5, maxLength: 60 },
  )
  await fc.assert(
    fc.asyncProperty(steps, async (plan) => {
      const model = makeModel()
      nowUs = 1_700_000_000 * second
      const [one, two] = [bucketOf(5, 2), bucketOf(9, 0.7)]
      for (const { waitUs, cost, both } of plan) {
        nowUs += waitUs
        const draws = (both ? [one, two] : [one]).map((draw) =>
          Object.assign({}, draw, { costUs: draw.costUs * cost }),
        )
        expect((await buckets.draw(draws)).allowed).toBe(model(draws, nowUs))
      }
    }),
    { numRuns: 60 },
  )
})

test('a steady client at 99 % of its rate is never denied in ten minutes', async () => {
  nowUs = 1_700_000_000 * second
  const draw = bucketOf(5, 2)
  const count = 600 * 2 * 0.99
  expect(await passedOf(buckets.draw, [draw], Math.ceil(second / 2 / 0.99), count)).toBe(count)
})

test('twin: a bucket that counts whole seconds starves that client, and the test sees it', async () => {
  const source = readFileSync(new URL('./leaky-bucket.lua', import.meta.url), 'utf8')
  const lossy = source.replace(
    'math.max(0, now - tonumber(at))',
    'math.floor(math.max(0, now - tonumber(at)) / 1000000) * 1000000',
  )
  expect(lossy).not.toBe(source)
  const ask: Ask = async ([draw]) => {
    const { key, capacityUs, costUs } = draw ?? bucketOf(1, 1)
    const answer = await redis.eval(lossy, 1, key, nowUs, 1, 1, capacityUs, costUs)
    return { allowed: (answer as number[])[0] === 1, buckets: [] }
  }
  nowUs = 1_700_000_000 * second
  const count = 600
  const passed = await passedOf(ask, [bucketOf(5, 2)], Math.ceil(second / 2 / 0.99), count)
  expect(passed).toBeLessThan(count)
})

test('a client that always asks gets the burst and then exactly the leak', async () => {
  nowUs = 1_700_000_000 * second
  const seconds = 20
  const perStep = 10
  const passed = await passedOf(
    buckets.draw,
    [bucketOf(30, 3)],
    second / perStep,
    seconds * perStep,
  )
  // The last of the steps is at 19.9 s.
  expect(passed).toBe(30 + Math.floor((seconds - 1 / perStep) * 3))
})

test('a clock that jumps an hour back denies nobody what they had, and one ahead only empties', async () => {
  nowUs = 1_700_000_000 * second
  const draw = bucketOf(10, 1)
  expect(await passedOf(buckets.draw, [draw], 0, 6)).toBe(6)
  nowUs -= hour
  expect(await passedOf(buckets.draw, [draw], 0, 6)).toBe(4)
  nowUs += second
  expect(await passedOf(buckets.draw, [draw], 0, 6)).toBe(1)
  nowUs += 2 * hour
  expect(await passedOf(buckets.draw, [draw], 0, 20)).toBe(10)
})

test('when one of several buckets is full the others keep what they had', async () => {
  nowUs = 1_700_000_000 * second
  const [wide, narrow] = [bucketOf(10, 1), bucketOf(2, 1)]
  expect(await passedOf(buckets.draw, [wide, narrow], 0, 9)).toBe(2)
  expect(await passedOf(buckets.draw, [wide], 0, 20)).toBe(8)
})

test('a denial tells the exact wait: a microsecond before it the bucket is still full', async () => {
  nowUs = 1_700_000_000 * second
  const draw = bucketOf(3, 7)
  await passedOf(buckets.draw, [draw], 0, 3)
  const denied = await buckets.draw([draw])
  expect(denied.allowed).toBe(false)
  const waitUs = denied.buckets[0]?.waitUs ?? 0
  nowUs += waitUs - 1
  expect((await buckets.draw([draw])).allowed).toBe(false)
  nowUs += 1
  expect((await buckets.draw([draw])).allowed).toBe(true)
})

test('a policy that shrank finds the bucket full and lets it leak from there', async () => {
  nowUs = 1_700_000_000 * second
  const key = newKey()
  await passedOf(buckets.draw, [bucketOf(100, 1, key)], 0, 100)
  nowUs += 2 * second
  expect(await passedOf(buckets.draw, [bucketOf(5, 1, key)], 0, 9)).toBe(2)
  nowUs += second
  expect(await passedOf(buckets.draw, [bucketOf(5, 1, key)], 0, 9)).toBe(1)
})

test('the checks of one turn are one call, and none of them sees the room of another twice', async () => {
  nowUs = 1_700_000_000 * second
  const calls = vi.spyOn(redis as unknown as { quitsLeak(): Promise<number[]> }, 'quitsLeak')
  const draw = bucketOf(40, 1)
  const answers = await Promise.all(Array.from({ length: 100 }, () => buckets.draw([draw])))
  expect(answers.filter(({ allowed }) => allowed)).toHaveLength(40)
  expect(calls).toHaveBeenCalledTimes(1)
  calls.mockRestore()
})

test('in production the clock is that of Redis, and keys expire by themselves', async () => {
  const real = makeBuckets({ redis })
  const draw = bucketOf(2, 0.001)
  expect((await real.draw([draw])).allowed).toBe(true)
  const [level = '', at = ''] = (await redis.get(draw.key))?.split(' ') ?? []
  const [seconds = '0'] = await redis.time()
  expect(Math.abs(Number(at) / second - Number(seconds))).toBeLessThan(60)
  expect(await redis.pttl(draw.key)).toBeGreaterThan(Number(level) / 1_000)
})
