// The broker's own end-to-end time: a producer and a consumer like ours and nothing else.
import { randomUUID } from 'node:crypto'
import type { Stage } from './stage.ts'
import { makeLatch } from './latch.ts'
import { type Pace, openLoop } from './pace.ts'

const partitions = 6
const waitMsMax = 30_000

/** Produce → consume in milliseconds, one for each record, in steady state. */
export async function brokerTimes(stage: Stage, pace: Pace): Promise<number[]> {
  const topic = `bench.${randomUUID()}`
  await stage.kafka.ensureTopics([{ topic, partitions }])
  const times: number[] = []
  const consumer = stage.kafka.makeConsumer({
    groupId: topic,
    topics: [topic],
    fromBeginning: true,
    async onBatch(records) {
      const atMs = preciseNow()
      for (const { value } of records)
        times.push(atMs - (JSON.parse(value) as { atMs: number }).atMs)
    },
  })
  const stop = new AbortController()
  const running = consumer.run(stop.signal)
  const producer = stage.kafka.makeProducer()
  await producer.connect()
  await makeLatch(waitMsMax)(async () => consumer.ready(), 'the consumer')

  // As the relay does: what came while a batch was on its way is the next one.
  let waiting: { key: string; value: string }[] = []
  let sending: Promise<void> | undefined
  const carry = async () => {
    while (waiting.length > 0) {
      const batch = waiting
      waiting = []
      await producer.send(topic, batch)
    }
  }
  const filling = 'x'.repeat(fillBytes)
  const sent = await openLoop(pace, async (index) => {
    waiting.push({ key: String(index), value: JSON.stringify({ atMs: preciseNow(), filling }) })
    sending ??= carry().finally(() => {
      sending = undefined
    })
  })
  await makeLatch(waitMsMax)(async () => times.length >= sent, 'the last record')
  stop.abort()
  await producer.close()
  await running
  return times
}

/** So that a record is as long as one of ours. */
const fillBytes = 700

export const preciseNow = () => performance.timeOrigin + performance.now()
