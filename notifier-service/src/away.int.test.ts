import { randomUUID } from 'node:crypto'
import { closeCodes } from '@quits/proto/feed'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type Bench, makeBench, makePerson, need, startNotifier } from '../test/bench.ts'
import { makeEvents } from '../test/events.ts'
import { openClient } from '../test/feed-client.ts'
import { makeLine } from '../test/line.ts'
import { makeProcess } from '../test/process.ts'
import { openStream } from '../test/stream-client.ts'

const bound = { timeout: 40_000, interval: 50 }
let bench: Bench
let lines: {
  mongo: Awaited<ReturnType<typeof makeLine>>
  redis: Awaited<ReturnType<typeof makeLine>>
}
let notifier: Awaited<ReturnType<typeof startNotifier>>

beforeAll(async () => {
  bench = await makeBench()
  lines = { mongo: await makeLine(bench.env.MONGO_URL), redis: await makeLine(need('REDIS_URL')) }
  notifier = await startNotifier(bench, {
    MONGO_URL: lines.mongo.url,
    REDIS_URL: lines.redis.url,
    FEED_PING_MS: '1000',
  })
})
afterAll(async () => {
  await notifier.stop()
  await Promise.all([lines.mongo.stop(), lines.redis.stop()])
  await bench.stop()
})

const scene = () => {
  const people = { lender: randomUUID(), borrower: randomUUID() }
  return { people, bo: makePerson(people.borrower) }
}
const checks = async () => (await notifier.health.ready()).checks

test('MongoDB away: the events wait, the socket stays, and nothing is missing afterwards', async () => {
  const { people, bo } = scene()
  const client = await notifier.connect(bo)
  await client.frame('welcome')
  lines.mongo.cut()
  await bench.send(bench.topics.books, makeEvents(people, 5))
  await vi.waitFor(async () => expect(await checks()).toMatchObject({ mongo: false }), bound)
  expect((await notifier.ask(bo, 'GET', '/v1/notifications')).status).toBe(503)
  lines.mongo.mend()
  await client.event(5)
  expect(client.seqs()).toEqual([1, 2, 3, 4, 5])
  await vi.waitFor(async () => expect(await checks()).toMatchObject({ mongo: true }), bound)
  client.close()
})

test('Redis away: open feeds go on, new ones are told to come back, and it heals', async () => {
  const { people, bo } = scene()
  const client = await notifier.connect(bo)
  expect(await client.frame('welcome')).not.toHaveProperty('degraded')
  expect(await client.frame('ping')).not.toHaveProperty('degraded')
  lines.redis.cut()
  await vi.waitFor(async () => expect(await checks()).toMatchObject({ redis: false }), bound)
  // Nobody is sent away: pages and streams go on.
  expect(await notifier.health.ready()).toMatchObject({ ready: true, degraded: ['redis'] })
  expect((await notifier.ask(bo, 'GET', '/v1/notifications')).status).toBe(200)
  const isDegraded = () => client.of('ping').at(-1)?.degraded === true
  await vi.waitFor(() => expect(isDegraded()).toBe(true), bound)
  const stream = await openStream(notifier.base, bo)
  await stream.until(() => stream.of('welcome')[0]?.degraded === true)
  await stream.leave()
  await bench.send(bench.topics.books, makeEvents(people, 2))
  await client.event(2)
  const refused = await notifier.ask(bo, 'POST', '/v1/feed/tickets')
  expect(refused).toMatchObject({ status: 503, body: { code: 'unavailable' } })
  client.say({ type: 'mark', upTo: 2, status: 'seen' })
  // Beside those that only bring the counts along.
  const marked = () => client.of('state').find(({ upTo }) => upTo === 2)
  await vi.waitFor(() => expect(marked()?.counts).toEqual({ unseen: 0, unread: 2 }), bound)

  lines.redis.mend()
  await vi.waitFor(async () => expect(await checks()).toMatchObject({ redis: true }), bound)
  const again = await notifier.connect(bo, { epoch: 1, seq: 0 })
  await again.frame('replayed')
  expect(again.seqs()).toEqual([1, 2])
  expect(again.of('welcome')[0]).not.toHaveProperty('degraded')
  await vi.waitFor(() => expect(isDegraded()).toBe(false), bound)
  client.close()
  again.close()
})

test('Redis away: what is marked on another process is counted here with the next ping', async () => {
  const { people, bo } = scene()
  const other = await startNotifier(bench)
  const [client, far] = await Promise.all([notifier.connect(bo), other.connect(bo)])
  await Promise.all([client.frame('welcome'), far.frame('welcome')])
  await bench.send(bench.topics.books, makeEvents(people, 3))
  await Promise.all([client.event(3), far.event(3)])
  lines.redis.cut()
  await vi.waitFor(async () => expect(await checks()).toMatchObject({ redis: false }), bound)
  far.say({ type: 'mark', upTo: 3, status: 'read' })
  await far.frame('state')
  const counts = () => client.of('state').at(-1)?.counts
  await vi.waitFor(() => expect(counts()).toEqual({ unseen: 0, unread: 0 }), bound)
  lines.redis.mend()
  await vi.waitFor(async () => expect(await checks()).toMatchObject({ redis: true }), bound)
  client.close()
  far.close()
  await other.stop()
})

test('Redis away for a moment between two pings: counts agree after the next one', async () => {
  const { people, bo } = scene()
  const seldom = await startNotifier(bench, { REDIS_URL: lines.redis.url, FEED_PING_MS: '6000' })
  const other = await startNotifier(bench, { FEED_PING_MS: '6000' })
  const [client, far] = await Promise.all([seldom.connect(bo), other.connect(bo)])
  await Promise.all([client.frame('welcome'), far.frame('welcome')])
  await bench.send(bench.topics.books, makeEvents(people, 3))
  await Promise.all([client.event(3), far.event(3)])
  await Promise.all([client.frame('ping'), far.frame('ping')])
  const isAway = async (away: boolean) =>
    expect((await seldom.health.ready()).checks).toMatchObject({ redis: !away })
  lines.redis.cut()
  await vi.waitFor(() => isAway(true), bound)
  // The one on this side is told to nobody, the other one is not heard here.
  client.say({ type: 'mark', upTo: 1, status: 'read' })
  await client.frame('state')
  far.say({ type: 'mark', upTo: 2, status: 'read' })
  await far.frame('state')
  lines.redis.mend()
  await vi.waitFor(() => isAway(false), bound)
  for (const { of } of [client, far]) {
    const counts = () => of('state').at(-1)?.counts
    await vi.waitFor(() => expect(counts()).toEqual({ unseen: 1, unread: 1 }), bound)
  }
  client.close()
  far.close()
  await Promise.all([seldom.stop(), other.stop()])
})

test('a ticket that cannot be looked up is no refusal: the device is asked to come back', async () => {
  const { bo } = scene()
  const ticket = await notifier.ticket(bo)
  const client = await openClient(notifier.socketUrl)
  lines.redis.cut()
  await vi.waitFor(async () => expect(await checks()).toMatchObject({ redis: false }), bound)
  client.say({ type: 'connect', ticket, device: 'a' })
  expect(await client.frame('error')).toMatchObject({ code: 'unavailable', temporary: true })
  expect(await client.closed()).toBe(closeCodes.resume)
  lines.redis.mend()
  await vi.waitFor(async () => expect(await checks()).toMatchObject({ redis: true }), bound)
})

test('with every server away the process lives, says what is missing, and stops on SIGTERM', async () => {
  const lonely = await makeProcess(bench, {
    KAFKA_URL: '127.0.0.1:1',
    MONGO_URL: 'mongodb://127.0.0.1:1/none?directConnection=true',
    REDIS_URL: 'redis://127.0.0.1:1',
  })
  lonely.start()
  await vi.waitFor(async () => {
    const response = await fetch(`http://127.0.0.1:${lonely.metricsPort}/readyz`)
    expect(await response.json()).toEqual({
      ready: false,
      checks: { mongo: false, books: false, ends: false, erasures: false, redis: false },
      degraded: ['books', 'ends', 'erasures', 'redis'],
    })
  }, bound)
  expect((await fetch(`http://127.0.0.1:${lonely.metricsPort}/livez`)).status).toBe(200)
  expect(await lonely.terminate()).toBe(0)
})
