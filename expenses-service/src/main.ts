/** expenses-service: people, debts and the ledger, by HTTP and gRPC. */
import { configOrExit } from '@quits/kit/config'
import { makeLog } from '@quits/kit/log'
import { makePool } from '@quits/kit/postgres'
import { runProcess } from '@quits/kit/run'
import { makeApp } from './app.ts'
import { readConfig } from './config.ts'

const config = configOrExit(() => readConfig(process.env))
const log = makeLog({ service: 'expenses', level: config.LOG_LEVEL })
const pool = makePool({
  url: config.POSTGRES_URL,
  name: 'expenses',
  connectionsMax: config.POSTGRES_CONNECTIONS_MAX,
  log,
})
const { parts, health } = makeApp({ config, pool, log })
await runProcess({ parts, health, log, drainMs: config.DRAIN_MS })
