/**
 * Kafka behind a small port, so that another client can follow the unmaintained kafkajs:
 * produce, subscribe, ensureTopics, lag through the consumer, ready, close.
 */
import { createRequire } from 'node:module'
import { setTimeout as delay } from 'node:timers/promises'
import { type Admin, type EachBatchPayload, Kafka, logLevel } from 'kafkajs'
import { backoffMs, sleep } from './backoff.ts'
import { makePlaces } from './kafka-places.ts'
import type { Log } from './log.ts'
import { makeOffsetCommits } from './offset-commits.ts'
import type { Part } from './run.ts'

export interface KafkaRecord {
  key: string
  value: string
}
export interface ReceivedRecord extends KafkaRecord {
  topic: string
  partition: number
  offset: string
  /** Unix milliseconds at which the broker got it. */
  timestampMs: number
}
export interface TopicShape {
  topic: string
  partitions: number
}

const retryBackoff = { baseMs: 200, delayMsMax: 5_000 }

const unknownTopic = 'UNKNOWN_TOPIC_OR_PARTITION'
const looksMax = 25
const lookPauseMs = 200

/** A broker may not know a topic for a moment that was just made, and kafkajs waits for leaders only. */
const untilKnown = async (admin: Admin, topics: TopicShape[]): Promise<void> => {
  const names = topics.map(({ topic }) => topic)
  for (let look = 1; ; look += 1) {
    try {
      await admin.fetchTopicMetadata({ topics: names })
      return
    } catch (error) {
      const isUnknown = error instanceof Error && Reflect.get(error, 'type') === unknownTopic
      if (!isUnknown || look === looksMax) throw error
      await delay(lookPauseMs)
    }
  }
}

export type KafkaPort = ReturnType<typeof makeKafka>

/** `brokers` is a comma-separated list of host:port. */
export const makeKafka = (options: { brokers: string; clientId: string; log: Log }) => {
  stopIdleTimer()
  const kafka = new Kafka({
    clientId: options.clientId,
    brokers: options.brokers.split(','),
    logLevel: logLevel.WARN,
    logCreator:
      () =>
      ({ log }) =>
        options.log.debug({ detail: log.message }, 'kafkajs'),
    connectionTimeout: 3_000,
    requestTimeout: 10_000,
    retry: { initialRetryTime: 200, maxRetryTime: 5_000, retries: 5 },
  })

  return {
    /** Creates the topics that are missing; safe to repeat. */
    async ensureTopics(topics: TopicShape[]): Promise<void> {
      const admin = kafka.admin()
      try {
        await admin.connect()
        await admin.createTopics({
          topics: topics.map(({ topic, partitions }) => ({ topic, numPartitions: partitions })),
          waitForLeaders: false,
        })
        await untilKnown(admin, topics)
      } finally {
        await admin.disconnect()
      }
    },

    /** An idempotent producer: acks from all replicas, one request in flight, so order holds. */
    makeProducer() {
      const producer = kafka.producer({
        idempotent: true,
        maxInFlightRequests: 1,
        allowAutoTopicCreation: false,
      })
      return {
        connect: () => producer.connect(),
        /** Resolves after the broker's ack of every record. */
        async send(topic: string, records: KafkaRecord[]): Promise<void> {
          await producer.send({ topic, messages: records, acks: -1 })
        },
        close: () => producer.disconnect(),
      }
    },

    /** A consumer part: see `consumerPart`. */
    makeConsumer: (shape: ConsumerShape) => consumerPart(kafka, shape, options.log),
  }
}

export interface ConsumerShape {
  groupId: string
  topics: string[]
  /**
   * Where a new group starts: `true` for state, `false` for mere invalidation. With `false` it has
   * this one member, which hears everything from the making of the part on, however often it has
   * to join again (see `kafka-places.ts`), and some things twice.
   */
  fromBeginning: boolean
  /**
   * Handles records of one partition, in order. Offsets are committed some time after it resolves;
   * when it rejects, the partition waits and the same records come again.
   */
  onBatch: (records: ReceivedRecord[], heartbeat: () => Promise<void>) => Promise<void>
  /** Most records handed over at once. */
  batchLengthMax?: number
  /** Partitions whose records may be in hand at the same time; one unless told otherwise. */
  partitionsAtOnce?: number
  /**
   * After so long without a heartbeat the broker gives this member's partitions to another: how
   * long a killed process holds up its group. `onBatch` must call `heartbeat` well within it.
   */
  sessionMs?: number
}

const sessionMsDefault = 30_000

/** A part that keeps a consumer in its group; exported for its test alone. */
export const consumerPart = (
  kafka: Pick<Kafka, 'consumer' | 'admin'>,
  shape: ConsumerShape,
  log: Log,
): Part & {
  ready(): boolean
  liveSinceMs(): number | undefined
  awaySinceMs(): number | undefined
} => {
  let joinedAtMs: number | undefined
  let leftAtMs = Date.now()
  const left = () => {
    if (joinedAtMs !== undefined) leftAtMs = Date.now()
    joinedAtMs = undefined
  }
  const batchLengthMax = shape.batchLengthMax ?? 500
  const failures = new Map<string, number>()
  const commits = makeOffsetCommits(log)
  const places = shape.fromBeginning ? undefined : makePlaces(kafka, shape.topics, Date.now())

  const handle = async (payload: EachBatchPayload) => {
    const { batch, heartbeat, resolveOffset, isRunning, isStale, pause } = payload
    const place = `${batch.topic}/${batch.partition}`
    for (let from = 0; from < batch.messages.length; from += batchLengthMax) {
      if (!isRunning() || isStale()) return
      const messages = batch.messages.slice(from, from + batchLengthMax)
      const records = messages.map((message) => ({
        topic: batch.topic,
        partition: batch.partition,
        offset: message.offset,
        timestampMs: Number(message.timestamp),
        key: message.key?.toString('utf8') ?? '',
        value: message.value?.toString('utf8') ?? '',
      }))
      try {
        await shape.onBatch(records, heartbeat)
      } catch (error) {
        const attempt = (failures.get(place) ?? 0) + 1
        failures.set(place, attempt)
        const waitMs = 100 + backoffMs(retryBackoff, attempt, Math.random())
        log.warn({ err: error, place, waitMs }, 'batch failed; the partition waits')
        const resume = pause()
        setTimeout(resume, waitMs)
        return
      }
      failures.delete(place)
      const last = messages.at(-1)
      if (last !== undefined) {
        resolveOffset(last.offset)
        const { topic, partition } = batch
        const offset = String(BigInt(last.offset) + 1n)
        places?.passed(topic, partition, last.offset)
        commits.handled({ topic, partition, offset }, payload.commitOffsetsIfNecessary)
      }
      // The last word of a consumer that is stopping: afterwards it has left its group.
      if (!isRunning()) await commits.flush()
      await heartbeat()
    }
  }

  const session = async (signal: AbortSignal) => {
    const consumer = kafka.consumer({
      groupId: shape.groupId,
      allowAutoTopicCreation: false,
      sessionTimeout: shape.sessionMs ?? sessionMsDefault,
      maxWaitTimeInMs: 1_000,
    })
    const ended = Promise.withResolvers<void>()
    consumer.on('consumer.group_join', () => {
      joinedAtMs = Date.now()
      commits.forget()
      for (const place of places?.all() ?? []) consumer.seek(place)
    })
    consumer.on('consumer.crash', ({ payload }) => {
      left()
      if (!payload.restart) ended.reject(payload.error)
    })
    const stop = () => ended.resolve()
    signal.addEventListener('abort', stop, { once: true })
    if (signal.aborted) ended.resolve()
    try {
      await places?.find()
      await consumer.connect()
      // Who keeps its places needs this only where a partition is new or a place was swept.
      await consumer.subscribe({ topics: shape.topics, fromBeginning: true })
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: shape.partitionsAtOnce ?? 1,
        eachBatch: handle,
      })
      await ended.promise
    } finally {
      await commits.flush()
      signal.removeEventListener('abort', stop)
      left()
      await consumer.disconnect().catch(() => undefined)
    }
  }

  return {
    name: `consumer ${shape.groupId}`,
    ready: () => joinedAtMs !== undefined,
    /** Unix milliseconds of the last join; what was cached before it may have missed a record. */
    liveSinceMs: () => joinedAtMs,
    /** Unix milliseconds since when it is in no group; undefined while it is in one. */
    awaySinceMs: () => (joinedAtMs === undefined ? leftAtMs : undefined),
    async run(signal) {
      for (let attempt = 0; !signal.aborted; attempt += 1) {
        const startedAtMs = Date.now()
        try {
          await session(signal)
        } catch (error) {
          // One that lasted was well: what ended it has nothing to do with the failures before.
          if (Date.now() - startedAtMs > retryBackoff.delayMsMax) attempt = 0
          log.warn({ err: error, attempt }, 'Kafka consumer failed; it starts again')
          await sleep(backoffMs(retryBackoff, attempt, Math.random()) + 100, signal)
        }
      }
    },
  }
}

interface RequestQueue {
  throttledUntil: number
  pending: unknown[]
  throttleCheckTimeoutId: NodeJS.Timeout | null
  checkPendingRequests(): void
}

/**
 * kafkajs 2.2.4 re-arms a timer of about 1 ms for ever on every idle connection (its issue #1751):
 * 3 % of a core each. Here a timer is armed only while a request waits or a throttle is on.
 */
const stopIdleTimer = () => {
  const require = createRequire(import.meta.url)
  const { prototype } = require('kafkajs/src/network/requestQueue') as {
    prototype: { scheduleCheckPendingRequests(this: RequestQueue): void }
  }
  prototype.scheduleCheckPendingRequests = function schedule() {
    if (this.throttleCheckTimeoutId !== null && this.throttleCheckTimeoutId !== undefined) return
    const throttledMs = this.throttledUntil - Date.now()
    if (this.pending.length === 0 && throttledMs <= 0) return
    this.throttleCheckTimeoutId = setTimeout(
      () => {
        this.throttleCheckTimeoutId = null
        this.checkPendingRequests()
      },
      throttledMs > 0 ? throttledMs : 10,
    )
  }
}
