/** The exchange and queues of our jobs, asserted from the one place that states them. */
import { jobQueues, jobTopology } from '@quits/proto/jobs'
import type { Channel } from 'amqplib'

/** Safe to repeat; refused by the broker when a queue exists with other arguments. */
export const assertTopology = async (channel: Channel, prefix: string): Promise<void> => {
  const { exchange, exchangeType } = jobTopology(prefix)
  await channel.assertExchange(exchange, exchangeType, { durable: true })
  for (const { queue, arguments: queueArguments, bindings } of jobQueues(prefix)) {
    await channel.assertQueue(queue, { durable: true, arguments: queueArguments })
    for (const pattern of bindings) await channel.bindQueue(queue, exchange, pattern)
  }
}
