/** The notifier: events from Kafka become feeds in MongoDB, and live frames on WebSockets. */
import { configOrExit } from '@quits/kit/config'
import { makeLog } from '@quits/kit/log'
import { runProcess } from '@quits/kit/run'
import { makeApp } from './app.ts'
import { readConfig } from './config.ts'

const config = configOrExit(() => readConfig(process.env))
const log = makeLog({ service: 'notifier', level: config.LOG_LEVEL })
const { parts, health } = makeApp(config, log)
await runProcess({ parts, health, log, drainMs: config.DRAIN_MS })
