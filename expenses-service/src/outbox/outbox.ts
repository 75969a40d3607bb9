/** The outbox as the service runs it: two relays, what wakes them, and what an operator watches. */
import type { Log } from '@quits/kit/log'
import { Counter, Gauge, type Registry } from '@quits/kit/metrics'
import type { Pool } from '@quits/kit/postgres'
import type { Part } from '@quits/kit/run'
import { makeJobRelay } from './job-relay.ts'
import { makeRelayThread } from './relay-thread.ts'
import { backlog } from './store.ts'

export const makeOutbox = (options: {
  pool: Pool
  postgresUrl: string
  kafkaBrokers: string
  amqpUrl: string
  brokerPrefix: string
  giveWayMsMax: number
  metrics: Registry
  log: Log
}): { parts: Part[]; wake(): void; wakeEvents(): void } => {
  const { pool, brokerPrefix, metrics, log } = options
  const expired = new Counter({
    name: 'quits_jobs_expired_total',
    help: 'Jobs dropped because they expired before RabbitMQ could take them',
    registers: [metrics],
  })
  const { postgresUrl, kafkaBrokers, giveWayMsMax } = options
  const events = makeRelayThread({
    postgresUrl,
    kafkaBrokers,
    brokerPrefix,
    logLevel: log.level,
    giveWayMsMax,
  })
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
    /** For who makes no job: looking in vain costs a query each time. */
    wakeEvents: () => events.wake(),
  }
}

/** Table → what waits in it, as operators know it. */
const tables = { outbox_batches: 'outbox_events', outbox_jobs: 'outbox_jobs' } as const
type Table = keyof typeof tables
type Backlog = Awaited<ReturnType<typeof backlog>>

const watchBacklog = (pool: Pool, metrics: Registry) => {
  /** Both figures ask for it, whichever is collected first; one scrape asks the database once. */
  let asking: Promise<Map<Table, Backlog | undefined>> | undefined
  const ask = () => {
    asking ??= readBacklogs(pool).finally(() => {
      asking = undefined
    })
    return asking
  }
  const watch = (name: string, help: string, figureOf: (found: Backlog) => number) => {
    const gauge: Gauge = new Gauge({
      name,
      help,
      labelNames: ['table'],
      registers: [metrics],
      async collect() {
        for (const [table, found] of await ask()) {
          const labels = { table: tables[table] }
          if (found === undefined) gauge.remove(labels)
          else gauge.set(labels, figureOf(found))
        }
      },
    })
  }
  watch('quits_outbox_rows', 'Rows that wait for their broker', ({ rows }) => rows)
  watch(
    'quits_outbox_age_seconds',
    'Age of the oldest row that waits for its broker; alarm on it',
    ({ ageSeconds }) => ageSeconds,
  )
}

/** Undefined without Postgres: these figures are not known, and all others must still be seen. */
const readBacklogs = async (pool: Pool): Promise<Map<Table, Backlog | undefined>> => {
  const found = new Map<Table, Backlog | undefined>()
  for (const table of Object.keys(tables) as Table[])
    found.set(table, await backlog(pool, table).catch(() => undefined))
  return found
}
