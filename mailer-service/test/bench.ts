/**
 * What an integration test of the mailer stands on: a database of its own in the real Postgres,
 * queues of its own on the real RabbitMQ, and a publisher that does what expenses' relay does.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { migrate } from '@quits/kit/migrations'
import { seal } from '@quits/kit/seal'
import { jobQueues, jobTopology, type MailJob } from '@quits/proto/jobs'
import { type ConsumeMessage, connect, type GetMessage } from 'amqplib'
import pg from 'pg'
import { assertTopology } from '../src/topology.ts'

type CodeJob = Extract<MailJob, { template: 'code' }>

const needed = (name: string): string => {
  const value = process.env[name]
  if (value === undefined) throw new Error(`${name} is not set`)
  return value
}

const databaseUrl = (base: string, database: string, role?: string) => {
  const url = new URL(base)
  url.pathname = `/${database}`
  if (role !== undefined) url.searchParams.set('options', `-c role=${role}`)
  return url.href
}

const statement = async (url: string, sql: string) => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await client.query<Record<string, unknown>>(sql)
  } finally {
    await client.end()
  }
}

export type Bench = Awaited<ReturnType<typeof startBench>>

export const startBench = async () => {
  const name = `mailer${randomBytes(5).toString('hex')}`
  const superuserUrl = needed('POSTGRES_URL')
  const rabbitmqUrl = needed('RABBITMQ_URL')
  const topology = jobTopology(name)
  const jobsKey = randomBytes(32)

  await statement(superuserUrl, `CREATE DATABASE ${name}`)
  const ownerUrl = databaseUrl(superuserUrl, name)
  const folder = fileURLToPath(new URL('../migrations', import.meta.url))
  await migrate({ url: ownerUrl, folder, schema: 'mail' })

  const connection = await connect(rabbitmqUrl)
  connection.on('error', () => undefined)
  const channel = await connection.createConfirmChannel()
  await assertTopology(channel, name)

  const makeJob = (changes: Partial<CodeJob> = {}): CodeJob => {
    const id = randomUUID()
    return {
      id,
      channel: 'mail',
      locale: 'en',
      to: { address: `bo-${id.slice(0, 8)}@example.com`, name: 'Bo' },
      expiresAt: new Date(Date.now() + 600_000).toISOString(),
      template: 'code',
      sealed: seal(jobsKey, id, { code: '04719365' }),
      ...changes,
    }
  }

  /** Confirmed, as the relay does it. */
  const publishRaw = async (content: Buffer, messageId: string) => {
    const timestamp = Math.floor(Date.now() / 1_000)
    const options = { persistent: true, mandatory: true, messageId, timestamp }
    channel.publish(topology.exchange, topology.mailRoutingKey, content, options)
    await channel.waitForConfirms()
  }

  return {
    prefix: name,
    topology,
    rabbitmqUrl,
    jobsKey,
    ownerUrl,
    serviceUrl: databaseUrl(superuserUrl, name, 'quits_mailer'),
    makeJob,
    publishRaw,
    /** Publishes a job and returns its id. */
    async publish(job: MailJob = makeJob()): Promise<string> {
      await publishRaw(Buffer.from(JSON.stringify(job)), job.id)
      return job.id
    },
    /** As the owner of the database, for what the service may not do or does not ask. */
    query: (sql: string) => statement(ownerUrl, sql),
    /** Takes one message off a queue, as a consumer that never answers would. */
    async takeOne(queue: string): Promise<{ message: ConsumeMessage; crash(): Promise<void> }> {
      const other = await connection.createChannel()
      const taken = Promise.withResolvers<ConsumeMessage>()
      await other.prefetch(1)
      await other.consume(queue, (message) => {
        if (message !== null) taken.resolve(message)
      })
      return { message: await taken.promise, crash: () => other.close() }
    },
    /** The next dead letter, if there is one. */
    async dead(): Promise<GetMessage | undefined> {
      const message = await channel.get(topology.mailDeadQueue, { noAck: true })
      return message === false ? undefined : message
    },
    async waiting(queue: string): Promise<number> {
      return (await channel.checkQueue(queue)).messageCount
    },
    async deleteMainQueue() {
      await channel.deleteQueue(topology.mailQueue)
    },
    async close() {
      for (const { queue } of jobQueues(name)) await channel.deleteQueue(queue)
      await channel.deleteExchange(topology.exchange)
      await connection.close()
      await statement(superuserUrl, `DROP DATABASE ${name} WITH (FORCE)`)
    },
  }
}
