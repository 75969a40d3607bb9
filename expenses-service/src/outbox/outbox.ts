/** The outbox as the service runs it: two relays, what wakes them, and what an operator watches. */
import { makeKafka } from '@quits/kit/kafka'
import type { Log } from '@quits/kit/log'
import { Counter, Gauge, type Registry } from '@quits/kit/metrics'
import type { Pool } from '@quits/kit/postgres'
import type { Part } from '@quits/kit/run'
import { makeEventRelay } from './event-relay.ts'
import { makeJobRelay } from './job-relay.ts'
import { backlog } from './store.ts'

export const makeOutbox = (options: {
  pool: Pool
  kafkaBrokers: string
  amqpUrl: string
  brokerPrefix: string
  metrics: Registry
  log: Log
}): { parts: Part[]; wake(): void } => {
  const { pool, brokerPrefix, metrics, log } = options
  const expired = new Counter({
    name: 'quits_jobs_expired_total',
    help: 'Jobs dropped because they expired before RabbitMQ could take them',
    registers: [metrics],
  })
  const kafka = makeKafka({ brokers: options.kafkaBrokers, clientId: 'expenses', log })
  const events = makeEventRelay({ pool, kafka, brokerPrefix, log })
  const jobs = makeJobRelay({
    pool,
    amqpUrl: options.amqpUrl,
    brokerPrefix,
    onExpired: (count) => expired.inc(count),
    log,
  })
  watchBacklog(pool, metrics)
  return {
    parts: [jobs.connection, jobs.relay, events],
    wake() {
      events.wake()
      jobs.relay.wake()
    },
  }
}

const tables = ['outbox_events', 'outbox_jobs'] as const

const watchBacklog = (pool: Pool, metrics: Registry) => {
  const rows = new Gauge({
    name: 'quits_outbox_rows',
    help: 'Rows that wait for their broker',
    labelNames: ['table'],
    registers: [metrics],
  })
  const age: Gauge = new Gauge({
    name: 'quits_outbox_age_seconds',
    help: 'Age of the oldest row that waits for its broker; alarm on it',
    labelNames: ['table'],
    registers: [metrics],
    async collect() {
      for (const table of tables) {
        // Without Postgres these figures are not known; all others must still be seen.
        const found = await backlog(pool, table).catch(() => undefined)
        if (found === undefined) {
          rows.remove({ table })
          age.remove({ table })
          continue
        }
        rows.set({ table }, found.rows)
        age.set({ table }, found.ageSeconds)
      }
    },
  })
}
