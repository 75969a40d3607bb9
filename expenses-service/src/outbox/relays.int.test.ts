import { randomBytes, randomUUID } from 'node:crypto'
import { makeLog } from '@quits/kit/log'
import { makeKafka } from '@quits/kit/kafka'
import { makeMetrics } from '@quits/kit/metrics'
import { inTransaction, makePool } from '@quits/kit/postgres'
import type { Part } from '@quits/kit/run'
import { topicNames } from '@quits/proto/cloud-event'
import { jobQueues, jobTopology, type MailJob } from '@quits/proto/jobs'
import { type ChannelModel, connect } from 'amqplib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeTestDatabase, type TestDatabase } from '../testing/database.ts'
import { makeOutbox } from './outbox.ts'
import { addEvents, addJobs, deleteWaiting, oldestBatches } from './store.ts'

const log = makeLog({ service: 'test', level: 'silent' })
const urlOf = (name: string) => {
  const url = process.env[name]
  if (url === undefined) throw new Error(`${name} is missing`)
  return url
}
const brokerPrefix = `test-${randomBytes(4).toString('hex')}`
const topics = topicNames(brokerPrefix)

let database: TestDatabase
let amqp: ChannelModel
const stop = new AbortController()
const running: Promise<void>[] = []
const start = (part: Part) => running.push(part.run(stop.signal))

const makeTestOutbox = (pool = database.pool, metrics = makeMetrics('test')) =>
  makeOutbox({
    pool,
    postgresUrl: database.url,
    kafkaBrokers: urlOf('KAFKA_URL'),
    amqpUrl: urlOf('RABBITMQ_URL'),
    brokerPrefix,
    giveWayMsMax: 0,
    metrics,
    log,
  })

beforeAll(async () => {
  database = await makeTestDatabase()
  amqp = await connect(urlOf('RABBITMQ_URL'))
})
afterAll(async () => {
  stop.abort()
  await Promise.all(running)
  const channel = await amqp.createChannel()
  await channel.deleteExchange(jobTopology(brokerPrefix).exchange)
  await channel.deleteQueue(jobQueues(brokerPrefix)[0].queue)
  await amqp.close()
  await database.drop()
})

const eventNo = (key: string, index: number) => ({
  topic: 'books' as const,
  key,
  event: { id: `${key}:${index}` },
})
const addEventsNow = (events: ReturnType<typeof eventNo>[]) =>
  inTransaction(database.pool, (connection) => addEvents(connection, events))
const jobFor = (expiresAt: Date): MailJob => ({
  id: randomUUID(),
  channel: 'mail',
  template: 'account-exists',
  locale: 'en',
  to: { address: 'ana@example.test', name: 'Ana' },
  expiresAt: expiresAt.toISOString(),
})
const waitingRows = async (table: string) => {
  const { rows } = await database.admin.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM ${table}`,
  )
  return rows[0]?.count
}

test('the events of a full turn stand whole, a page each, in the order in which they were decided', async () => {
  const events = Array.from({ length: 200 }, (_, index) => ({
    topic: index % 10 === 0 ? ('users' as const) : ('books' as const),
    key: randomUUID(),
    event: { id: index, words: 'x'.repeat(400) },
  }))
  await inTransaction(database.pool, (connection) => addEvents(connection, events))
  const { rows } = await database.admin.query<{ rows: number; beside: number }>(
    `SELECT (SELECT count(*)::int FROM outbox_batches) AS rows,
       (SELECT pg_relation_size(reltoastrelid)::int FROM pg_class
        WHERE oid = 'outbox_batches'::regclass) AS beside`,
  )
  expect(rows[0]?.rows).toBeGreaterThan(1)
  expect(rows[0]?.rows).toBeLessThan(events.length / 10)
  expect(rows[0]?.beside).toBe(0)
  const batches = await inTransaction(database.pool, async (connection) => {
    const oldest = await oldestBatches(connection, events.length)
    await deleteWaiting(
      connection,
      'outbox_batches',
      oldest.map(({ id }) => id),
    )
    return oldest
  })
  for (const topic of ['books', 'users']) {
    const sent = events.filter((one) => one.topic === topic)
    const found = batches.filter((one) => one.topic === topic).flatMap((one) => one.events)
    expect(found.map(({ event }) => JSON.parse(event).id)).toEqual(
      sent.map(({ event }) => event.id),
    )
    expect(found.map(({ key }) => key)).toEqual(sent.map(({ key }) => key))
  }
})

test('what concerns a person leaves before all that waits about books', async () => {
  const eventOf = (topic: 'books' | 'users', index: number) => ({
    topic,
    key: randomUUID(),
    event: { index, words: 'x'.repeat(2_000) },
  })
  await inTransaction(database.pool, async (connection) => {
    const books = Array.from({ length: 40 }, (_, index) => eventOf('books', index))
    await addEvents(connection, [...books, eventOf('users', 40), eventOf('users', 41)])
    const first = await oldestBatches(connection, 10)
    const indexes = first.flatMap(({ events }) =>
      events.map(({ event }) => JSON.parse(event).index),
    )
    expect(indexes).toEqual([40, 41, ...indexes.slice(2).map((_, index) => index)])
    expect(indexes.length).toBeGreaterThan(2)
    // A row that is more than a message may be goes all the same, alone.
    expect(await oldestBatches(connection, 1)).toEqual(first.slice(0, 1))
    await connection.query('DELETE FROM outbox_batches')
  })
})

test('events reach Kafka in order per key, and jobs reach their queue, before their rows go', async () => {
  const outbox = makeTestOutbox()
  const keys = Array.from({ length: 5 }, () => randomUUID())
  const events = Array.from({ length: 200 }, (_, index) =>
    eventNo(keys[index % 5] ?? '', Math.floor(index / 5) + 1),
  )
  await addEventsNow(events)
  const live = jobFor(new Date(Date.now() + 60_000))
  const late = jobFor(new Date(Date.now() - 1_000))
  await inTransaction(database.pool, (connection) => addJobs(connection, [late, live]))
  for (const part of outbox.parts) start(part)
  outbox.wake()
  await expect.poll(() => waitingRows('outbox_events'), { timeout: 30_000 }).toBe(0)
  await expect.poll(() => waitingRows('outbox_jobs'), { timeout: 30_000 }).toBe(0)

  const seen = new Map<string, number[]>()
  const kafka = makeKafka({ brokers: urlOf('KAFKA_URL'), clientId: 'test', log })
  start(
    kafka.makeConsumer({
      groupId: `${brokerPrefix}-reader`,
      topics: [topics.books],
      fromBeginning: true,
      async onBatch(records) {
        for (const { key, value } of records) {
          const no = Number(String(JSON.parse(value).id).split(':')[1])
          seen.set(key, [...(seen.get(key) ?? []), no])
        }
      },
    }),
  )
  const inOrder = Array.from({ length: 40 }, (_, index) => index + 1)
  await expect
    .poll(() => keys.map((key) => seen.get(key)), { timeout: 30_000 })
    .toEqual(keys.map(() => inOrder))

  const channel = await amqp.createChannel()
  const message = await channel.get(jobQueues(brokerPrefix)[0].queue, { noAck: true })
  expect(message === false ? undefined : JSON.parse(message.content.toString())).toEqual(live)
  expect(await channel.get(jobQueues(brokerPrefix)[0].queue, { noAck: true })).toBe(false)
  await channel.close()
})

test('a row that is no job holds up none behind it: its text goes out as it is', async () => {
  const { queue } = jobQueues(brokerPrefix)[0]
  const job = jobFor(new Date(Date.now() + 60_000))
  const texts = ['not json', '{"id":7,"template":"from another version"}', JSON.stringify(job)]
  await database.admin.query(
    `INSERT INTO outbox_jobs (job, expires_at) SELECT unnest($1::text[]), now() + interval '1 day'`,
    [texts],
  )
  await expect.poll(() => waitingRows('outbox_jobs'), { timeout: 30_000 }).toBe(0)
  const channel = await amqp.createChannel()
  const arrived: string[] = []
  for (let message = await channel.get(queue, { noAck: true }); message !== false; ) {
    arrived.push(message.content.toString())
    message = await channel.get(queue, { noAck: true })
  }
  expect(arrived).toEqual(texts)
  await channel.close()
})

test('while Postgres is away the backlog is not known, and every other figure is', async () => {
  const metrics = makeMetrics('test')
  const url = 'postgres://nobody@127.0.0.1:9/none'
  makeTestOutbox(makePool({ url, name: 'test', connectionsMax: 1, log }), metrics)
  const figures = await metrics.metrics()
  expect(figures).toContain('process_cpu_seconds_total')
  expect(figures).not.toMatch(/^quits_outbox_age_seconds\{/m)
  const there = makeMetrics('test')
  makeTestOutbox(database.pool, there)
  const first = await there.metrics()
  expect(first).toMatch(/^quits_outbox_age_seconds\{.*outbox_jobs/m)
  // Of the same instant as the age, and not of the scrape before.
  expect(first).toMatch(/^quits_outbox_rows\{.*outbox_jobs/m)
})

test.each([
  ['queue', 'the broker sends the job back'],
  ['exchange', 'the broker closes the channel'],
] as const)(
  'the %s that was deleted is declared again (%s), and its job arrives',
  async (what, _how) => {
    const { queue } = jobQueues(brokerPrefix)[0]
    const channel = await amqp.createChannel()
    if (what === 'queue') await channel.deleteQueue(queue)
    else await channel.deleteExchange(jobTopology(brokerPrefix).exchange)
    const job = jobFor(new Date(Date.now() + 60_000))
    await inTransaction(database.pool, (connection) => addJobs(connection, [job]))
    await expect.poll(() => waitingRows('outbox_jobs'), { timeout: 30_000 }).toBe(0)
    const message = await channel.get(queue, { noAck: true })
    expect(message === false ? undefined : JSON.parse(message.content.toString())).toEqual(job)
    await channel.close()
  },
)
