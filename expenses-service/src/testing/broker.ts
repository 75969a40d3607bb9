import type { KafkaPort, KafkaRecord } from '@quits/kit/kafka'

/** A broker that acknowledges everything; `hear` is told what it gets. */
export const makeWillingBroker = (hear: (records: KafkaRecord[]) => void): KafkaPort => ({
  ensureTopics: async () => undefined,
  makeProducer: () => ({
    connect: async () => undefined,
    send: async (_topic, records) => hear(records),
    close: async () => undefined,
  }),
  makeConsumer() {
    throw new Error('a relay consumes nothing')
  },
})
