/** Builds expenses-service from its configuration. Nothing runs yet. */
import { makeGrpcPart } from '@quits/kit/grpc'
import { makeHealth } from '@quits/kit/health'
import { makeHttpPart } from '@quits/kit/http'
import type { Log } from '@quits/kit/log'
import { makeInternalPart, makeMetrics } from '@quits/kit/metrics'
import type { Pool } from '@quits/kit/postgres'
import type { Config } from './config.ts'
import { makeLedgerService } from './debts/grpc.ts'
import { makeJournalService } from './debts/journal-service.ts'
import { ledgerRoutes } from './debts/routes.ts'
import { seatNewcomer } from './debts/seat-newcomer.ts'
import { openApiRoute } from './openapi.ts'
import { makeOutbox } from './outbox/outbox.ts'
import { makeRouter } from './routing.ts'
import { makeTurnConnection } from './transactions/turn-connection.ts'
import { makeWriter } from './transactions/writer.ts'
import { deriveKey } from './users/derived-key.ts'
import { makeUsers } from './users/users.ts'

export const makeApp = (options: { config: Config; pool: Pool; log: Log }) => {
  const { config, pool, log } = options
  const metrics = makeMetrics('expenses')
  const outbox = makeOutbox({
    pool,
    postgresUrl: config.POSTGRES_URL,
    kafkaBrokers: config.KAFKA_URL,
    amqpUrl: config.RABBITMQ_URL,
    brokerPrefix: config.BROKER_PREFIX,
    giveWayMsMax: 1_000 * config.EVENTS_GIVE_WAY_SECONDS,
    metrics,
    log,
  })
  const wake = () => outbox.wake()
  const users = makeUsers({ config, pool, log, wakeRelays: wake, onVerified: seatNewcomer })
  const turns = Array.from({ length: config.WRITER_TURNS }, () =>
    makeTurnConnection({ url: config.POSTGRES_URL, log }),
  )
  const writer = makeWriter({ connections: turns, wakeRelay: () => outbox.wakeEvents(), log })
  const ledgerOptions = {
    pool,
    writer,
    tokenKey: deriveKey(config.QUITS_SECRET, 'invitations'),
    jobsKey: config.QUITS_JOBS_KEY,
    origin: config.PUBLIC_URL.origin,
    firstContactsPerDay: config.FIRST_CONTACTS_PER_DAY,
    wakeRelay: wake,
  }
  // Express asks one route after the other: those that are called most come first.
  const routes = [...ledgerRoutes(ledgerOptions), ...users.routes]

  const handler = makeRouter([...routes, openApiRoute(routes)], {
    authenticate: users.authenticate,
    log,
  })

  const health = makeHealth({ postgres: async () => (await pool.query('SELECT 1')).rowCount === 1 })
  const host = config.HOST
  const internal = makeInternalPart({ host, port: config.METRICS_PORT, health, metrics })
  const { authenticate } = users
  const ledger = makeLedgerService({ ...ledgerOptions, authenticate, log })
  const grpc = makeGrpcPart({ host, port: config.GRPC_PORT, services: [ledger], log })
  // Without tokens, for our own services alone: never on the port of the ledger.
  const between = [users.identity, makeJournalService({ pool })]
  const internalGrpc = makeGrpcPart({
    name: 'internal grpc',
    host,
    port: config.INTERNAL_GRPC_PORT,
    services: between,
    log,
  })
  const http = makeHttpPart({ name: 'http', host, port: config.HTTP_PORT, handler })
  const parts = [internal, users.sweeper, ...outbox.parts, internalGrpc, grpc, http]
  return { parts, health, http, grpc, internalGrpc }
}
