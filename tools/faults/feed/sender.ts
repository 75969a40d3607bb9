// Events onto Kafka as the relay puts them there: in order for each key, and again from the
// start of the batch after a failure, under the same ids.
import { setTimeout as delay } from 'node:timers/promises'
import type { KafkaPort } from '@quits/kit/kafka'
import type { topicNames } from '@quits/proto/cloud-event'

export interface Sender {
  /** Resolves after the broker's ack. Calls go out one after the other. */
  send: (events: { id: string }[]) => Promise<void>
  close: () => Promise<void>
}

const attemptsMax = 120
const retryMs = 500
const eventsPerSend = 1_000

export function makeSender(
  kafka: Pick<KafkaPort, 'makeProducer'>,
  topics: ReturnType<typeof topicNames>,
): Sender {
  let producer: ReturnType<KafkaPort['makeProducer']> | undefined
  let last: Promise<void> = Promise.resolve()

  const close = async () => {
    const ended = producer
    producer = undefined
    await ended?.close().catch(() => undefined)
  }
  const connected = async () => {
    if (producer !== undefined) return producer
    const made = kafka.makeProducer()
    await made.connect()
    producer = made
    return made
  }
  const sendAll = async (events: { id: string }[]) => {
    for (let from = 0; from < events.length; from += eventsPerSend) {
      const records = events.slice(from, from + eventsPerSend).map((event) => ({
        key: event.id.split(/[:@]/)[0] ?? '',
        value: JSON.stringify(event),
      }))
      await (await connected()).send(topics.books, records)
    }
  }
  const insist = async (events: { id: string }[]) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await sendAll(events)
      } catch (error) {
        // An idempotent producer that failed may refuse every later batch: the next one is new.
        await close()
        if (attempt >= attemptsMax) throw error
        await delay(retryMs)
      }
    }
  }
  return {
    send(events) {
      last = last.then(() => insist(events))
      return last
    },
    close,
  }
}
