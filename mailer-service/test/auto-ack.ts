/**
 * The broken twin of the mailer: the broker takes each job for done when it hands it over. It sends
 * as fast as the real one and must fail the same check.
 */
import { jobTopology } from '@quits/proto/jobs'
import { connect } from 'amqplib'
import { mailerConfig } from '../src/config.ts'
import { parseJob } from '../src/job.ts'
import { makeSendRate } from '../src/send-rate.ts'
import { render } from '../src/templates.ts'
import { makeTransport } from '../src/transport.ts'

const config = mailerConfig(process.env)
const from = config.MAIL_FROM
const transport = makeTransport({ region: config.AWS_REGION, endpoint: config.SES_URL, from })
const rate = makeSendRate({ perSecond: config.SEND_PER_SECOND })
const never = new AbortController().signal

const connection = await connect(config.RABBITMQ_URL)
const channel = await connection.createChannel()
const { mailQueue } = jobTopology(config.BROKER_PREFIX)
const deliver = async (content: Buffer) => {
  const parsed = parseJob(content, config.QUITS_JOBS_KEY)
  if ('poison' in parsed) return
  const { id, locale, to, message } = parsed.job
  await rate.take(Infinity, never)
  const mail = render(message, { locale, name: to.name, lifetimeMs: 600_000 })
  await transport.send({ jobId: id, template: message.template, address: to.address }, mail)
}
await channel.consume(
  mailQueue,
  (message) => {
    if (message !== null) void deliver(message.content).catch(() => undefined)
  },
  { noAck: true },
)
