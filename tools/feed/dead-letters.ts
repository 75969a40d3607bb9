// Dead letters on Kafka: reading all of a topic once, and sending letters to where they came from.
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { makeKafka } from '@quits/kit/kafka'
import { makeLog } from '@quits/kit/log'
import { topicNames } from '@quits/proto/cloud-event'
import { type DeadLetter, deadLetter, deadLetterKey, replayNote } from '@quits/proto/dead-letters'
import { Kafka, logLevel } from 'kafkajs'

const readMsMax = 60_000
const readPollMs = 50
/** The consumer leaves only between two fetches. */
const fetchMsMax = 100
/** The newest ones; a topic with more has another problem. */
const lettersMax = 10_000

export interface Burial {
  letter: DeadLetter
  /** When it was sent to its topic again; a letter that died again is a letter of its own. */
  replayedAt?: string
}

export type Graveyard = Awaited<ReturnType<typeof openGraveyard>>

/** `brokers` is a comma-separated list of host:port. */
export async function openGraveyard(brokers: string, prefix: string) {
  const clientId = 'quits-feed-tool'
  const log = makeLog({ service: clientId, level: 'silent' })
  const port = makeKafka({ brokers, clientId, log })
  // Beside the port, which has no look at the ends of a topic: a service never needs it.
  const kafka = new Kafka({
    clientId,
    brokers: brokers.split(','),
    logLevel: logLevel.NOTHING,
    connectionTimeout: 3_000,
    retry: { retries: 3 },
  })
  const topics = topicNames(prefix)
  const graves = [topics.books, topics.users].map(topics.deadOf)
  const admin = kafka.admin()
  await admin.connect()

  /** Offsets that will have been read when everything written until now is. */
  const endsOf = async (topic: string): Promise<Map<number, bigint>> => {
    const known = await admin.listTopics()
    if (!known.includes(topic)) return new Map()
    const offsets = await admin.fetchTopicOffsets(topic)
    const filled = offsets.filter(({ low, high }) => BigInt(high) > BigInt(low))
    return new Map(filled.map(({ partition, high }) => [partition, BigInt(high) - 1n]))
  }

  const readTopic = async (topic: string, burials: Map<string, Burial>): Promise<void> => {
    const ends = await endsOf(topic)
    if (ends.size === 0) return
    const groupId = `${prefix}-feed-tool-${randomUUID()}`
    const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: fetchMsMax })
    await consumer.connect()
    try {
      await consumer.subscribe({ topics: [topic], fromBeginning: true })
      await consumer.run({
        autoCommit: false,
        async eachMessage({ partition, message }) {
          keep(burials, message.key?.toString() ?? '', message.value?.toString() ?? '')
          const end = ends.get(partition)
          if (end !== undefined && BigInt(message.offset) >= end) ends.delete(partition)
        },
      })
      for (let waitedMs = 0; ends.size > 0; waitedMs += readPollMs) {
        if (waitedMs >= readMsMax) throw new Error(`${topic} was not read in ${readMsMax} ms`)
        await delay(readPollMs)
      }
    } finally {
      await consumer.disconnect()
      // A group without members; the broker would forget it by itself, later.
      await admin.deleteGroups([groupId]).catch(() => undefined)
    }
  }

  return {
    /** Every letter of every dead topic, oldest first. */
    async list(): Promise<Burial[]> {
      const burials = new Map<string, Burial>()
      for (const topic of graves) await readTopic(topic, burials)
      return [...burials.values()]
    },

    /** Sends letters to their topics as they were, and notes it after the broker's ack. */
    async replay(letters: DeadLetter[], now: () => Date): Promise<void> {
      const producer = port.makeProducer()
      await producer.connect()
      try {
        for (const letter of letters) {
          const { topic, key, value } = letter
          await producer.send(topic, [{ key, value }])
          const note = JSON.stringify({ replayedAt: now().toISOString() })
          await producer.send(topics.deadOf(topic), [{ key: deadLetterKey(letter), value: note }])
        }
      } finally {
        await producer.close()
      }
    },

    close: () => admin.disconnect(),
  }
}

/** The last letter under a key counts, and what was noted after it. */
function keep(burials: Map<string, Burial>, key: string, value: string): void {
  const json = parseJson(value)
  const letter = deadLetter.safeParse(json)
  if (letter.success) {
    const name = deadLetterKey(letter.data)
    burials.delete(name)
    burials.set(name, { letter: letter.data })
    const [oldest] = burials.keys()
    if (burials.size > lettersMax && oldest !== undefined) burials.delete(oldest)
    return
  }
  const note = replayNote.safeParse(json)
  const burial = burials.get(key)
  if (note.success && burial !== undefined) burial.replayedAt = note.data.replayedAt
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
