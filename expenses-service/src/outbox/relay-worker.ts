/** What runs in the thread of the event relay, until it is told to stop. */
import { parentPort, workerData } from 'node:worker_threads'
import { makeKafka } from '@quits/kit/kafka'
import { makeLog } from '@quits/kit/log'
import { tuneThread } from '@quits/kit/memory'
import { makePool } from '@quits/kit/postgres'
import { makeEventRelay } from './event-relay.ts'
import { makeGiveWay } from './give-way.ts'
import type { RelayPlan, Word } from './relay-thread.ts'

if (parentPort === null) throw new Error('this runs in a thread, where somebody can stop it')
tuneThread()
const { postgresUrl, kafkaBrokers, brokerPrefix, logLevel, giveWayMsMax } = workerData as RelayPlan
const log = makeLog({ service: 'expenses', level: logLevel })
const pool = makePool({ url: postgresUrl, name: 'expenses-relay', connectionsMax: 1, log })
const kafka = makeKafka({ brokers: kafkaBrokers, clientId: 'expenses', log })
const giveWay = makeGiveWay({
  msMax: giveWayMsMax,
  now: () => performance.now(),
  say: (what) => log.info({}, what),
})
const relay = makeEventRelay({ pool, kafka, brokerPrefix, giveWay, log })

const stop = new AbortController()
parentPort.on('message', (word: Word) => {
  if (word === 'busy') giveWay.heard()
  if (word !== 'stop') return relay.wake()
  // What was held back leaves before the end.
  giveWay.ended()
  stop.abort()
})
await relay.run(stop.signal)
await pool.end()
// Of this thread alone, whatever its drivers have left open.
process.exit()
