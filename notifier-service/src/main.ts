/** The notifier: events from Kafka become feeds in MongoDB, and live frames on WebSockets. */
import { ConfigError } from '@quits/kit/config'
import { makeLog } from '@quits/kit/log'
import { runProcess } from '@quits/kit/run'
import { makeApp } from './app.ts'
import { type Config, readConfig } from './config.ts'

const configured = (): Config => {
  try {
    return readConfig(process.env)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    process.stderr.write(`${error.message}\n`)
    return process.exit(1)
  }
}

const config = configured()
const log = makeLog({ service: 'notifier', level: config.LOG_LEVEL })
const { parts, health } = makeApp(config, log)
await runProcess({ parts, health, log, drainMs: config.DRAIN_MS })
