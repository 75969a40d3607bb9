import { randomUUID } from 'node:crypto'
import { Kafka, logLevel } from 'kafkajs'
import { expect, onTestFinished, test, vi } from 'vitest'
import { consumerPart, makeKafka, type ReceivedRecord } from './kafka.ts'
import { makeLog } from './log.ts'

const bound = { timeout: 50_000, interval: 50 }
const partitions = [0, 1, 2]
const log = makeLog({ service: 'test', level: 'silent' })
const brokers = process.env.KAFKA_URL ?? ''

/** A topic of its own, and a way to say something in each of its partitions. */
const openTopic = async () => {
  const kafka = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING })
  const topic = `t${randomUUID()}`
  const shape = { topic, partitions: partitions.length }
  await makeKafka({ brokers, clientId: 'test', log }).ensureTopics([shape])
  const producer = kafka.producer()
  await producer.connect()
  onTestFinished(() => producer.disconnect())
  const say = (value: string) =>
    producer.send({
      topic,
      messages: partitions.map((partition) => ({ partition, value: `${value} ${partition}` })),
    })
  return { kafka, topic, say }
}

/** Runs it until the test is over, or asks it to stop. */
const begin = (part: ReturnType<typeof consumerPart>) => {
  const ending = new AbortController()
  const running = part.run(ending.signal)
  const stop = async () => {
    ending.abort()
    await running
  }
  onTestFinished(stop)
  return { stop }
}

test('a reader that starts at the end hears what was written while it had to leave its group', async () => {
  const { kafka, topic, say } = await openTopic()
  const groupId = `${topic}-ends`
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
  begin(part)
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
})

test('what fails comes again before anything that was written behind it, and is not committed before', async () => {
  const { kafka, topic, say } = await openTopic()
  const groupId = `${topic}-all`
  const heard: string[][] = partitions.map(() => [])
  const refused: string[] = []
  const triesLeft = new Map([
    ['3', 2],
    ['4', 2],
    ['19', Number.POSITIVE_INFINITY],
  ])
  const onBatch = async (records: ReceivedRecord[]) => {
    for (const { partition, value } of records) {
      const [number = ''] = value.split(' ')
      const left = triesLeft.get(number) ?? 0
      if (partition === 1 && left > 0) {
        triesLeft.set(number, left - 1)
        refused.push(number)
        throw new Error(`${number} does not want to`)
      }
    }
    for (const { partition, value } of records) heard[partition]?.push(value)
  }
  const shape = { groupId, topics: [topic], fromBeginning: true, batchLengthMax: 2, onBatch }
  const part = consumerPart(kafka, { ...shape, partitionsAtOnce: partitions.length }, log)
  const { stop } = begin(part)
  const admin = kafka.admin()
  await admin.connect()
  onTestFinished(() => admin.disconnect())
  const committed = async () => {
    const [found] = await admin.fetchOffsets({ groupId, topics: [topic] })
    return found?.partitions.map(({ offset }) => Number(offset))
  }
  const numbers = Array.from({ length: 30 }, (_, number) => number)
  for (const number of numbers) await say(`${number}`)

  // Nothing of the others waits for the one that fails, and offsets are told every 200 ms.
  await vi.waitFor(() => {
    expect(refused.filter((number) => number === '19').length).toBeGreaterThan(3)
  }, bound)
  await vi.waitFor(async () => {
    const [one, failing, other] = (await committed()) ?? []
    expect([one, other]).toEqual([30, 30])
    expect(failing).toBeGreaterThanOrEqual(18)
  }, bound)
  expect((await committed())?.[1]).toBeLessThanOrEqual(19)
  triesLeft.set('19', 0)
  await vi.waitFor(async () => expect(await committed()).toEqual([30, 30, 30]), bound)
  await stop()
  expect(heard).toEqual(
    partitions.map((partition) => numbers.map((number) => `${number} ${partition}`)),
  )
})
