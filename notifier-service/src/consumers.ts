/** The notifier's two readers of Kafka and what they need before they can start. */
import { backoffMs, reconnectBackoff, sleep } from '@quits/kit/backoff'
import type { KafkaPort, KafkaRecord, ReceivedRecord } from '@quits/kit/kafka'
import type { Log } from '@quits/kit/log'
import type { Part } from '@quits/kit/run'
import { topicNames } from '@quits/proto/cloud-event'
import { parseUserEvent } from '@quits/proto/users'
import { inSends } from './dead-letter.ts'
import type { Ingest } from './ingest.ts'

/**
 * Writes dead letters. The producer connects with the first of them and again after a failure.
 */
export const makeGraveyard = (kafka: Pick<KafkaPort, 'makeProducer'>, topic: string) => {
  let connected: ReturnType<typeof open> | undefined
  const open = async () => {
    const producer = kafka.makeProducer()
    try {
      await producer.connect()
    } catch (error) {
      await producer.close().catch(() => undefined)
      throw error
    }
    return producer
  }
  return {
    async bury(records: KafkaRecord[]): Promise<void> {
      connected ??= open()
      const opened = connected
      try {
        const producer = await opened
        for (const some of inSends(records)) await producer.send(topic, some)
      } catch (error) {
        // An idempotent producer that failed may refuse every later batch: the next one is new.
        if (connected === opened) connected = undefined
        await opened.then((producer) => producer.close()).catch(() => undefined)
        throw error
      }
    },
    async close(): Promise<void> {
      await (await connected?.catch(() => undefined))?.close()
    },
  }
}

/** Creates the topics this service reads and buries in, as often as it takes. */
const ensureTopics = async (
  kafka: KafkaPort,
  shape: { prefix: string; booksPartitions: number; usersPartitions: number },
  signal: AbortSignal,
  log: Log,
) => {
  const { books, users, deadOf } = topicNames(shape.prefix)
  for (let attempt = 0; !signal.aborted; attempt += 1) {
    try {
      return await kafka.ensureTopics([
        { topic: books, partitions: shape.booksPartitions },
        { topic: users, partitions: shape.usersPartitions },
        { topic: deadOf(books), partitions: 1 },
        { topic: deadOf(users), partitions: 1 },
      ])
    } catch (error) {
      log.warn({ err: error, attempt }, 'Kafka topics are not there yet')
      await sleep(backoffMs(reconnectBackoff, attempt, Math.random()), signal)
    }
  }
}

interface Shared {
  kafka: KafkaPort
  prefix: string
  booksPartitions: number
  usersPartitions: number
  log: Log
}

/** Reads `books` for all instances together, from the beginning. */
export const makeBooksPart = (
  options: Shared & {
    ingest: Ingest
    graveyard: ReturnType<typeof makeGraveyard>
    /** Nothing is stored before the unique indexes exist. */
    indexed: Promise<void>
    sessionMs: number
  },
) => {
  const { ingest, indexed, sessionMs } = options
  const consumer = options.kafka.makeConsumer({
    groupId: `${options.prefix}-notifier`,
    topics: [topicNames(options.prefix).books],
    fromBeginning: true,
    sessionMs,
    onBatch: async (records, heartbeat) => {
      // A MongoDB that takes its time must not cost the membership. A beat that fails is told
      // again by the next fetch.
      const beats = setInterval(() => void heartbeat().catch(() => undefined), sessionMs / 4)
      try {
        await indexed
        await ingest(records)
      } finally {
        clearInterval(beats)
      }
    },
  })
  const part: Part = {
    name: 'books',
    async run(signal) {
      const stopped = new Promise<void>((resolve) => {
        if (signal.aborted) resolve()
        else signal.addEventListener('abort', () => resolve(), { once: true })
      })
      await Promise.race([indexed, stopped])
      await ensureTopics(options.kafka, options, signal, options.log)
      await consumer.run(signal)
      await options.graveyard.close()
    },
  }
  return { part, ready: consumer.ready }
}

export interface SessionEnds {
  session(sessionId: string): void
  user(userId: string): void
}

/**
 * Hears which sessions and users have ended. Every instance needs all of them, so each has a group
 * of its own; it starts at the end, because a new process has neither sockets nor a cache.
 */
export const makeEndsPart = (options: Shared & { instance: string; ends: SessionEnds }) => {
  const onBatch = async (records: ReceivedRecord[]): Promise<void> => {
    for (const record of records) {
      const parsed = parseUserEvent(record.value)
      // Poison is buried by nobody here: each instance would bury it again.
      if (!('event' in parsed)) continue
      const { event } = parsed
      if (event.type === 'session.revoked.v1') options.ends.session(event.data.sessionId)
      if (event.type === 'user.deleted.v1') options.ends.user(event.data.userId)
    }
  }
  const consumer = options.kafka.makeConsumer({
    groupId: `${options.prefix}-notifier-ends-${options.instance}`,
    topics: [topicNames(options.prefix).users],
    fromBeginning: false,
    onBatch,
  })
  const part: Part = {
    name: 'ends',
    async run(signal) {
      await ensureTopics(options.kafka, options, signal, options.log)
      await consumer.run(signal)
    },
  }
  return { part, ready: consumer.ready }
}
