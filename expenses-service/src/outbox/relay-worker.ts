/** What runs in the thread of the event relay, until it is told to stop. */
import { parentPort, workerData } from 'node:worker_threads'
import { makeKafka } from '@quits/kit/kafka'
import { makeLog } from '@quits/kit/log'
import { tuneThread } from '@quits/kit/memory'
import { makePool } from '@quits/kit/postgres'
import { makeEventRelay } from './event-relay.ts'
import type { RelayPlan, Word } from './relay-thread.ts'

if (parentPort === null) throw new Error('this runs in a thread, where somebody can stop it')
tuneThread()
const { postgresUrl, kafkaBrokers, brokerPrefix, logLevel } = workerData as RelayPlan
const log = makeLog({ service: 'expenses', level: logLevel })
const pool = makePool({ url: postgresUrl, name: 'expenses-relay', connectionsMax: 1, log })
const kafka = makeKafka({ brokers: kafkaBrokers, clientId: 'expenses', log })
const relay = makeEventRelay({ pool, kafka, brokerPrefix, log })

const stop = new AbortController()
parentPort.on('message', (word: Word) => {
  if (word === 'wake') relay.wake()
  else stop.abort()
})
await relay.run(stop.signal)
await pool.end()
// Of this thread alone, whatever its drivers have left open.
process.exit()
