/** expenses-service: people, debts and the ledger, by HTTP and gRPC. */
import { ConfigError } from '@quits/kit/config'
import { makeLog } from '@quits/kit/log'
import { makePool } from '@quits/kit/postgres'
import { runProcess } from '@quits/kit/run'
import { makeApp } from './app.ts'
import { readConfig } from './config.ts'

const configOrExit = () => {
  try {
    return readConfig(process.env)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    process.stderr.write(`${error.message}\n`)
    return process.exit(1)
  }
}

const config = configOrExit()
const log = makeLog({ service: 'expenses', level: config.LOG_LEVEL })
const pool = makePool({
  url: config.POSTGRES_URL,
  name: 'expenses',
  connectionsMax: config.POSTGRES_CONNECTIONS_MAX,
  log,
})
const { parts, health } = makeApp({ config, pool, log })
await runProcess({ parts, health, log, drainMs: config.DRAIN_MS })
