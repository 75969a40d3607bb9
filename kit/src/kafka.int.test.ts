import { randomUUID } from 'node:crypto'
import { Kafka, logLevel } from 'kafkajs'
import { expect, test, vi } from 'vitest'
import { consumerPart, makeKafka } from './kafka.ts'
import { makeLog } from './log.ts'

const bound = { timeout: 50_000, interval: 50 }
const partitions = [0, 1, 2]
const log = makeLog({ service: 'test', level: 'silent' })

test('a reader that starts at the end hears what was written while it had to leave its group', async () => {
  const brokers = process.env.KAFKA_URL ?? ''
  const kafka = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING })
  const topic = `t${randomUUID()}`
  const groupId = `${topic}-ends`
  await makeKafka({ brokers, clientId: 'test', log }).ensureTopics([{ topic, partitions: 3 }])
  const producer = kafka.producer()
  await producer.connect()
  /** One record into each partition. */
  const say = (value: string) =>
    producer.send({
      topic,
      messages: partitions.map((partition) => ({ partition, value: `${value} ${partition}` })),
    })

  const heard: string[] = []
  const shape = {
    groupId,
    topics: [topic],
    fromBeginning: false,
    onBatch: async (records: { value: string }[]) => {
      heard.push(...records.map(({ value }) => value))
    },
  }
  const part = consumerPart(kafka, shape, log)
  const stop = new AbortController()
  const running = part.run(stop.signal)
  await vi.waitFor(() => expect(part.ready()).toBe(true), bound)

  // Somebody else comes, gets some of its partitions and says nothing of what is in them. So the
  // reader joins twice, and without an offset of its own for what came in between.
  const taker = kafka.consumer({ groupId })
  const taken = Promise.withResolvers<number>()
  taker.on('consumer.group_join', ({ payload }) => {
    taken.resolve(payload.memberAssignment[topic]?.length ?? 0)
  })
  await taker.connect()
  await taker.subscribe({ topics: [topic] })
  await taker.run({ autoCommit: false, eachBatch: async () => undefined })
  expect(await taken.promise).toBeGreaterThan(0)
  await say('revoked')
  await taker.disconnect()

  await vi.waitFor(() => {
    expect(new Set(heard)).toEqual(new Set(partitions.map((partition) => `revoked ${partition}`)))
  }, bound)
  stop.abort()
  await running
  await producer.disconnect()
})
