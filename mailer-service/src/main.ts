/** The mailer: jobs from RabbitMQ become mail through SES. */
import { configOrExit } from '@quits/kit/config'
import { makeLog } from '@quits/kit/log'
import { runProcess } from '@quits/kit/run'
import { makeApp } from './app.ts'
import { mailerConfig } from './config.ts'

const config = configOrExit(() => mailerConfig(process.env))
const log = makeLog({ service: 'mailer', level: config.LOG_LEVEL })
const { parts, health } = makeApp(config, log)
await runProcess({ parts, health, log, drainMs: config.DRAIN_MS })
