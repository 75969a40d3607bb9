/** Builds the mailer from its configuration. Nothing runs yet. */
import { makeHealth } from '@quits/kit/health'
import type { Log } from '@quits/kit/log'
import { makeInternalPart, makeMetrics } from '@quits/kit/metrics'
import { makePool } from '@quits/kit/postgres'
import type { MailerConfig } from './config.ts'
import { makeConsumer } from './consumer.ts'
import { makeFigures } from './figures.ts'
import { makeSend } from './send.ts'
import { makeSendRate } from './send-rate.ts'
import { makeStore } from './store.ts'
import { makeSweep } from './sweep.ts'
import { makeTransport } from './transport.ts'

const connectionsMax = 4

export const makeApp = (config: MailerConfig, log: Log) => {
  const metrics = makeMetrics('mailer')
  const figures = makeFigures(metrics)
  const pool = makePool({ url: config.POSTGRES_URL, name: 'mailer', connectionsMax, log })
  const store = makeStore(pool)
  const transport = makeTransport({
    region: config.AWS_REGION,
    endpoint: config.SES_URL,
    from: config.MAIL_FROM,
  })
  const send = makeSend({
    store,
    transport,
    rate: makeSendRate({ perSecond: config.SEND_PER_SECOND }),
    jobsKey: config.QUITS_JOBS_KEY,
    nowMs: Date.now,
    random: Math.random,
    log,
  })
  const consumer = makeConsumer({
    url: config.RABBITMQ_URL,
    prefix: config.BROKER_PREFIX,
    prefetch: config.MAIL_PREFETCH,
    send,
    settled: figures.settled,
    log,
  })
  const health = makeHealth({ consumer: consumer.ready, postgres: store.check })
  const internal = makeInternalPart({
    host: config.HOST,
    port: config.METRICS_PORT,
    health,
    metrics,
  })
  const sweep = makeSweep({ store, keptDays: config.MAIL_SENDS_KEPT_DAYS, log })
  return { parts: [internal, sweep, consumer], health }
}
