/**
 * Carries `outbox_jobs` to RabbitMQ: persistent, confirmed and mandatory, so a row is deleted only
 * when a queue has its job. A job past its expiry is dropped here and counted. The text goes out as it
 * is: one that is no job is for the mailer to lay aside, and holds up nothing behind it here.
 */
import { type AmqpSession, makeAmqpPart } from '@quits/kit/amqp'
import type { Log } from '@quits/kit/log'
import type { Pool } from '@quits/kit/postgres'
import type { Part } from '@quits/kit/run'
import { jobQueues, jobTopology } from '@quits/proto/jobs'
import type { ChannelModel, ConfirmChannel } from 'amqplib'
import { z } from 'zod'
import { makeRelay, type Relay } from './relay.ts'
import { deleteWaiting, oldestJobs } from './store.ts'

const rowsMax = 200
const lockKey = 715_827_002
const confirmMsMax = 10_000

/** The relay, and the part that keeps its AMQP connection; run both. */
export const makeJobRelay = (options: {
  pool: Pool
  amqpUrl: string
  brokerPrefix: string
  onExpired: (count: number) => void
  log: Log
}): { relay: Relay; connection: Part & { ready(): boolean } } => {
  const names = jobTopology(options.brokerPrefix)
  let publisher: Publisher | undefined

  const connection = makeAmqpPart({
    name: 'job publisher',
    url: options.amqpUrl,
    log: options.log,
    async open(model): Promise<AmqpSession> {
      const opened = await openPublisher(model, options.brokerPrefix)
      publisher = opened
      relay.wake()
      return {
        async close() {
          publisher = undefined
          await opened.channel.close()
        },
      }
    },
  })

  const relay = makeRelay({
    name: 'job relay',
    pool: options.pool,
    lockKey,
    log: options.log,
    async carry(database) {
      if (!connection.ready() || publisher === undefined) return 'when woken'
      const rows = await oldestJobs(database, rowsMax)
      if (rows.length === 0) return 'when woken'
      const live = rows.filter(({ expired }) => !expired)
      try {
        await publisher.publish(live.map(({ job }) => job))
      } catch (error) {
        // A channel can die alone, and a queue can be deleted: the next session declares all anew.
        publisher.abandon()
        throw error
      }
      const ids = rows.map(({ id }) => id)
      await deleteWaiting(database, 'outbox_jobs', ids)
      if (live.length < rows.length) options.onExpired(rows.length - live.length)
      return 'at once'
    },
  })

  interface Publisher {
    channel: ConfirmChannel
    publish(jobs: string[]): Promise<void>
    /** Ends the session; the connection's part begins another. */
    abandon(): void
  }

  const openPublisher = async (model: ChannelModel, prefix: string): Promise<Publisher> => {
    const channel = await model.createConfirmChannel()
    const unroutable = new Set<string>()
    channel.on('error', (error: Error) => options.log.warn({ err: error }, 'AMQP channel failed'))
    channel.on('return', ({ properties }) => unroutable.add(String(properties.messageId)))
    const [queue] = jobQueues(prefix)
    await channel.assertExchange(names.exchange, names.exchangeType, { durable: true })
    await channel.assertQueue(queue.queue, { durable: true, arguments: queue.arguments })
    for (const key of queue.bindings) await channel.bindQueue(queue.queue, names.exchange, key)

    return {
      channel,
      abandon: () => void model.close().catch(() => undefined),
      async publish(jobs) {
        if (jobs.length === 0) return
        for (const job of jobs) {
          channel.publish(names.exchange, names.mailRoutingKey, Buffer.from(job), {
            persistent: true,
            mandatory: true,
            contentType: 'application/json',
            messageId: idOf(job),
            timestamp: Math.floor(Date.now() / 1_000),
          })
        }
        await within(confirmMsMax, channel.waitForConfirms())
        if (unroutable.size > 0) {
          unroutable.clear()
          throw new Error('no queue took a job')
        }
      },
    }
  }

  return { relay, connection }
}

const identified = z.object({ id: z.string().max(100) })

/** What a returned job is named by; empty when the text does not say. */
const idOf = (job: string): string => {
  try {
    return identified.safeParse(JSON.parse(job)).data?.id ?? ''
  } catch {
    return ''
  }
}

const within = async <T>(ms: number, act: Promise<T>): Promise<T> => {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error(`no confirm within ${ms} ms`)), ms)
  try {
    return await Promise.race([act, late.promise])
  } finally {
    clearTimeout(timer)
  }
}
