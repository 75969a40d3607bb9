/**
 * Takes jobs off the queue, lets `send` decide, and settles each: acknowledged only when it is
 * done, or when another queue has it. Everything is made in `open`, so it survives the broker.
 */
import { type AmqpSession, makeAmqpPart } from '@quits/kit/amqp'
import type { Log } from '@quits/kit/log'
import { jobTopology } from '@quits/proto/jobs'
import type { ChannelModel, ConfirmChannel, ConsumeMessage } from 'amqplib'
import { attemptsHeader, attemptsOf, makePassOn, type PassOn, reasonHeader } from './publish.ts'
import type { Outcome, Send } from './send.ts'
import { assertTopology } from './topology.ts'

/** A part whose `ready()` says whether the broker has us as a subscriber. */
export const makeConsumer = (options: {
  url: string
  prefix: string
  prefetch: number
  send: Send
  /** Told after each settled delivery; `ageMs` when the job says when it was made. */
  settled: (outcome: Outcome, ageMs: number | undefined) => void
  log: Log
}) => {
  const { log, prefix, prefetch } = options
  const names = jobTopology(prefix)
  const inFlight = new Set<Promise<void>>()

  const open = async (connection: ChannelModel): Promise<AmqpSession> => {
    // Deliveries of a lost connection are finished and recorded first: so their second delivery is
    // recognised, and there are never more in hand than the prefetch says.
    await Promise.all(inFlight)
    const channel = await connection.createConfirmChannel()
    const stopping = endWithChannel(connection, channel)
    await assertTopology(channel, prefix)
    await channel.prefetch(prefetch)
    const passOn = makePassOn(channel)

    const deliver = (message: ConsumeMessage | null) => {
      // Null: the broker cancelled us (the queue was deleted). A new session declares it again.
      if (message === null) return endSession(connection)
      const handled = handle(channel, passOn, message, stopping.signal).catch((error: unknown) => {
        // Not acknowledged, so not lost: the session ends and the broker delivers again.
        log.warn({ err: error }, 'delivery not settled')
        endSession(connection)
      })
      inFlight.add(handled)
      void handled.then(() => inFlight.delete(handled))
    }
    const { consumerTag } = await channel.consume(names.mailQueue, deliver)

    return {
      async close() {
        await channel.cancel(consumerTag)
        stopping.abort()
        await Promise.all(inFlight)
        await channel.close()
      },
    }
  }

  const handle = async (
    channel: ConfirmChannel,
    passOn: PassOn,
    message: ConsumeMessage,
    signal: AbortSignal,
  ) => {
    const attempts = attemptsOf(message)
    const outcome = await options.send({ content: message.content, attempts }, signal)
    if (outcome.did === 'retried') {
      const headers = { [attemptsHeader]: attempts + 1, [reasonHeader]: outcome.reason }
      await passOn(message, names.mailRetryQueue(outcome.afterSeconds), headers)
    }
    if (outcome.did === 'dead') {
      const headers = { [attemptsHeader]: attempts, [reasonHeader]: outcome.reason }
      await passOn(message, names.mailDeadQueue, headers)
    }
    if (outcome.did === 'released') channel.nack(message)
    else channel.ack(message)
    options.settled(outcome, ageOf(message))
  }

  /** A channel can die alone, and the connection would live on without a consumer. */
  const endWithChannel = (connection: ChannelModel, channel: ConfirmChannel) => {
    const stopping = new AbortController()
    channel.on('error', (error: Error) => log.warn({ err: error }, 'AMQP channel error'))
    channel.on('close', () => {
      if (!stopping.signal.aborted) endSession(connection)
      stopping.abort()
    })
    return stopping
  }

  const endSession = (connection: ChannelModel) => {
    connection.close().catch(() => undefined)
  }

  return makeAmqpPart({ name: 'consumer', url: options.url, log, open })
}

/** Publishers stamp in whole seconds. */
const ageOf = (message: ConsumeMessage): number | undefined => {
  const seconds: unknown = message.properties.timestamp
  return typeof seconds === 'number' ? Math.max(0, Date.now() - seconds * 1_000) : undefined
}
