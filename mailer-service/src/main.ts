/** The mailer: jobs from RabbitMQ become mail through SES. */
import { ConfigError } from '@quits/kit/config'
import { makeLog } from '@quits/kit/log'
import { runProcess } from '@quits/kit/run'
import { makeApp } from './app.ts'
import { mailerConfig } from './config.ts'

const readConfig = () => {
  try {
    return mailerConfig(process.env)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    process.stderr.write(`${error.message}\n`)
    return process.exit(1)
  }
}

const config = readConfig()
const log = makeLog({ service: 'mailer', level: config.LOG_LEVEL })
const { parts, health } = makeApp(config, log)
await runProcess({ parts, health, log, drainMs: config.DRAIN_MS })
