/** How the notifier reads events and ends from Kafka, and what it needs before it can start. */
import { backoffMs, reconnectBackoff, sleep } from '@quits/kit/backoff'
import type { KafkaPort, KafkaRecord, ReceivedRecord } from '@quits/kit/kafka'
import type { Log } from '@quits/kit/log'
import type { Part } from '@quits/kit/run'
import { topicNames } from '@quits/proto/cloud-event'
import { parseUserEvent } from '@quits/proto/users'
import { deadLetterOf, inSends } from './dead-letter.ts'
import type { Erase } from './erase.ts'
import { makeGather } from './gather.ts'
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

type Graveyard = ReturnType<typeof makeGraveyard>

interface Together extends Shared {
  graveyard: Graveyard
  /** Nothing is stored before the unique indexes exist. */
  indexed: Promise<void>
  sessionMs: number
}

/** Reads a topic for all instances together, from the beginning; `handle` stores what it says. */
const makeTogetherPart = (
  options: Together & {
    name: string
    groupId: string
    topic: string
    partitionsAtOnce?: number
    handle: (records: ReceivedRecord[]) => Promise<void>
  },
) => {
  const { name, groupId, topic, handle, indexed, sessionMs } = options
  const consumer = options.kafka.makeConsumer({
    groupId,
    topics: [topic],
    fromBeginning: true,
    partitionsAtOnce: options.partitionsAtOnce ?? 1,
    sessionMs,
    onBatch: async (records, heartbeat) => {
      // A MongoDB that takes its time must not cost the membership. A beat that fails is told
      // again by the next fetch.
      const beats = setInterval(() => void heartbeat().catch(() => undefined), sessionMs / 4)
      try {
        await indexed
        await handle(records)
      } finally {
        clearInterval(beats)
      }
    },
  })
  const part: Part = {
    name,
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
  const { ready, liveSinceMs, awaySinceMs } = consumer
  return { part, ready, liveSinceMs, awaySinceMs }
}

/** Turns events of books into notifications. */
export const makeBooksPart = ({ ingest, ...options }: Together & { ingest: Ingest }) =>
  makeTogetherPart({
    ...options,
    name: 'books',
    groupId: `${options.prefix}-notifier`,
    topic: topicNames(options.prefix).books,
    // What all partitions have is stored at once: MongoDB takes a large insert far sooner than many.
    partitionsAtOnce: options.booksPartitions,
    handle: makeGather(ingest),
  })

/**
 * Forgets whose account is gone. It reads from the beginning and commits after everything is gone:
 * an erasure must not be missed because nothing ran when the word came.
 */
export const makeErasuresPart = ({ erase, ...options }: Together & { erase: Erase }) =>
  makeTogetherPart({
    ...options,
    name: 'erasures',
    groupId: `${options.prefix}-notifier-erasures`,
    topic: topicNames(options.prefix).users,
    async handle(records) {
      const dead: KafkaRecord[] = []
      for (const record of records) {
        const parsed = parseUserEvent(record.value)
        if (!('event' in parsed)) {
          dead.push(deadLetterOf(record, parsed.poison, parsed.faults.join('\n')))
        } else if (parsed.event.type === 'user.deleted.v1') {
          await erase(parsed.event.data.userId)
        }
      }
      if (dead.length > 0) await options.graveyard.bury(dead)
    },
  })

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
      // Poison is buried by the one that erases: here each instance would bury it.
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
