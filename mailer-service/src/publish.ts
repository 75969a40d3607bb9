/** Passing a delivery on to another queue, so that the broker has it before we let go of it. */
import { randomUUID } from 'node:crypto'
import type { ConfirmChannel, ConsumeMessage } from 'amqplib'

export const attemptsHeader = 'quits-attempts'
export const reasonHeader = 'quits-reason'

export type PassOn = ReturnType<typeof makePassOn>

/**
 * Publishes a delivery's content, id and time anew. The history that the broker keeps in `x-death`
 * is left behind: RabbitMQ drops a message that goes in a circle by expiry alone.
 */
export const makePassOn = (channel: ConfirmChannel) => {
  // An unroutable message comes back first and is confirmed after; the set holds it in between.
  const returned = new Set<string>()
  channel.on('return', (message: { properties: { correlationId?: string } }) => {
    returned.add(String(message.properties.correlationId))
  })

  /** Resolves once the queue has it durably; rejects when it was refused or the queue is not there. */
  return async (
    message: ConsumeMessage,
    queue: string,
    headers: Record<string, string | number>,
  ) => {
    const correlationId = randomUUID()
    const { messageId, timestamp, contentType } = message.properties
    const properties = { messageId, timestamp, contentType, headers, correlationId }
    await new Promise<void>((resolve, reject) => {
      const confirmed = (error: unknown) => (error === null ? resolve() : reject(refused(queue)))
      const options = { ...properties, persistent: true, mandatory: true }
      channel.publish('', queue, message.content, options, confirmed)
    })
    if (returned.delete(correlationId)) throw new Error(`there is no queue ${queue}`)
  }
}

const refused = (queue: string) => new Error(`${queue} did not take the message`)

/** Tries before this delivery; whatever else stands in the header counts as none. */
export const attemptsOf = (message: ConsumeMessage): number => {
  const value: unknown = message.properties.headers?.[attemptsHeader]
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : 0
}
