// The broker's own end-to-end time: a producer and a consumer like ours and nothing else, in a process
// of its own, so that nobody else's work keeps it from reading the clock.
import { randomUUID } from 'node:crypto'
import { makeKafka } from '@quits/kit/kafka'
import { makeLog } from '@quits/kit/log'
import { makeLatch } from './latch.ts'
import { openLoop, type Pace, settled, withSettling } from './pace.ts'

const partitions = 6
const waitMsMax = 30_000
/** So that a record is as long as one of ours. */
const fillBytes = 700
const log = makeLog({ service: 'bench', level: 'fatal' })
const kafka = makeKafka({ brokers: process.argv[2] ?? '', clientId: 'bench-broker', log })

const preciseNow = () => performance.timeOrigin + performance.now()

process.on('message', (pace: Pace) => void brokerTimes(pace).then((times) => process.send?.(times)))
process.on('disconnect', () => process.exit())
process.send?.('ready')

/** Produce → consume in milliseconds, one for each record, in steady state. */
async function brokerTimes(pace: Pace): Promise<number[]> {
  const topic = `bench.${randomUUID()}`
  await kafka.ensureTopics([{ topic, partitions }])
  const times: number[] = []
  const consumer = kafka.makeConsumer({
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
  const producer = kafka.makeProducer()
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
  const sent = await openLoop(withSettling(pace), async (index) => {
    waiting.push({ key: String(index), value: JSON.stringify({ atMs: preciseNow(), filling }) })
    sending ??= carry().finally(() => {
      sending = undefined
    })
  })
  await makeLatch(waitMsMax)(async () => times.length >= sent, 'the last record')
  stop.abort()
  await producer.close()
  await running
  return settled(times, pace)
}
