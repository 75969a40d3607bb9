/**
 * Where a reader stands that wants only what comes from now on. A group without an offset is put at
 * the end of the topic at *every* join: what is written while it is away would be skipped. So such
 * a reader keeps its places itself, from before its first join on, and goes back to them at each.
 */
import type { Kafka } from 'kafkajs'

interface Place {
  topic: string
  partition: number
  offset: string
}

/** Brokers and processes may differ by so much in what they take for now. */
const clockMsMax = 60_000

export type Places = ReturnType<typeof makePlaces>

/** For a group of one: what another member has read is not known here. */
export const makePlaces = (kafka: Pick<Kafka, 'admin'>, topics: string[], nowMs: number) => {
  const next = new Map<string, Place>()
  const put = (place: Place) => next.set(`${place.topic}/${place.partition}`, place)
  let isFound = false

  return {
    /** Finds the first places, once: what was written since this process began is ahead of them. */
    async find(): Promise<void> {
      if (isFound) return
      const admin = kafka.admin()
      try {
        await admin.connect()
        for (const topic of topics) {
          const found = await admin.fetchTopicOffsetsByTimestamp(topic, nowMs - clockMsMax)
          for (const { partition, offset } of found) put({ topic, partition, offset })
        }
        isFound = true
      } finally {
        await admin.disconnect()
      }
    },
    /** The record at `offset` has been handled, and all before it. */
    passed: (topic: string, partition: number, offset: string) =>
      put({ topic, partition, offset: String(BigInt(offset) + 1n) }),
    all: () => next.values(),
  }
}
