/**
 * Carries the outbox's events to Kafka: those of users first, the oldest first, one batch in flight, keyed
 * by book or user.
 */
import type { KafkaPort } from '@quits/kit/kafka'
import type { Log } from '@quits/kit/log'
import type { Connection, Pool } from '@quits/kit/postgres'
import { topicNames } from '@quits/proto/cloud-event'
import type { GiveWay, Left } from './give-way.ts'
import { makeRelay, type Next, type Relay } from './relay.ts'
import { batchesMax, deleteWaiting, oldestBatches, type WaitingBatch } from './store.ts'

/** Events of one message to the broker; far above those of one row. */
const eventsMax = 512
/** More may be waiting: what a full message lacks is less than one row, which has a hundred at most. */
const backlogEventsMin = (eventsMax * 3) / 4
const restMsMin = 3
const restMsMax = 100
/** Where events come faster than one in so many milliseconds, each rest is longer than the last, up to the longest. */
const restMsPerEvent = 0.8
const companyMs = 8

const eventsIn = (batches: WaitingBatch[]) =>
  batches.reduce((sum, { events }) => sum + events.length, 0)

/**
 * What a round costs here, in Kafka and at each reader depends little on how much it carries: so
 * events wait a moment for each other, the first one after a silence and a backlog excepted. Without
 * it three hundred entries a second kept all services busy, and arrived later. Resting for 1 ms or 8
 * instead of 3 was no faster there. From four events on the rest grows with what the last message
 * carried: at a thousand a second and more the relay takes from the writer.
 */
export const nextAfter = (batches: WaitingBatch[]): Next => {
  const carried = eventsIn(batches)
  if (carried >= backlogEventsMin || batches.length >= batchesMax) return 'at once'
  const restMs = Math.min(Math.max(carried * restMsPerEvent, restMsMin), restMsMax)
  return { restMs, companyMs }
}

/** What leaves while events give way: where few are written besides, none of them is much later. */
const trickle: { eventsMax: number; next: Next } = {
  eventsMax: 50,
  next: { restMs: 500, companyMs },
}

/** Names the leadership of this relay among all processes of one database. */
const lockKey = 715_827_001

const partitions = { books: 6, users: 3 } as const

/** Topics are made at the first connection; a topic of another shape is left as it is. */
export const makeEventRelay = (options: {
  pool: Pool
  kafka: KafkaPort
  brokerPrefix: string
  giveWay: Pick<GiveWay, 'isDue'>
  log: Log
}): Relay => {
  const names = topicNames(options.brokerPrefix)
  const { giveWay } = options
  let producer: ReturnType<KafkaPort['makeProducer']> | undefined

  const connect = async () => {
    if (producer !== undefined) return producer
    await options.kafka.ensureTopics([
      { topic: names.books, partitions: partitions.books },
      { topic: names.users, partitions: partitions.users },
    ])
    // Known before it is connected: one that fails is closed like any other.
    producer = options.kafka.makeProducer()
    await producer.connect()
    return producer
  }

  /** Each topic's rows go after its own ack: what one of them refuses repeats nothing of the other. */
  const carry = async (connection: Connection, batches: WaitingBatch[]) => {
    const connected = await connect()
    for (const topic of ['users', 'books'] as const) {
      const own = batches.filter((batch) => batch.topic === topic)
      if (own.length === 0) continue
      const records = own.flatMap(({ events }) =>
        events.map(({ key, event }) => ({ key, value: event })),
      )
      await connected.send(names[topic], records)
      const ids = own.map(({ id }) => id)
      await deleteWaiting(connection, 'outbox_batches', ids)
    }
  }

  let last: Left = { events: 0, oldestMs: 0 }

  const relay = makeRelay({
    name: 'event relay',
    pool: options.pool,
    lockKey,
    log: options.log,
    async carry(connection) {
      const givesWay = giveWay.isDue(last)
      const batches = await oldestBatches(connection, givesWay ? trickle.eventsMax : eventsMax)
      const oldestMs = Math.max(0, ...batches.map(({ ageMs }) => ageMs))
      last = { events: eventsIn(batches), oldestMs }
      if (batches.length === 0) return 'when woken'
      try {
        await carry(connection, batches)
      } catch (error) {
        // An idempotent producer that failed may refuse every later batch: the next one is new.
        await producer?.close().catch(() => undefined)
        producer = undefined
        throw error
      }
      return givesWay ? trickle.next : nextAfter(batches)
    },
  })
  return {
    ...relay,
    async run(signal) {
      await relay.run(signal)
      await producer?.close().catch(() => undefined)
    },
  }
}
