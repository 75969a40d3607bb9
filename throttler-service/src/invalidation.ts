/**
 * Drops from the identity cache what `quits.users` says has changed. Each instance reads the whole
 * topic with a group of its own, from its end: an invalidation concerns every cache.
 */
import { randomUUID } from 'node:crypto'
import type { KafkaPort, ReceivedRecord } from '@quits/kit/kafka'
import { topicNames } from '@quits/proto/cloud-event'
import { parseUserEvent, type UserEvent } from '@quits/proto/users'
import type { Identity } from './identity.ts'

type Forgetting = Pick<Identity, 'sessionRevoked' | 'userChanged' | 'userDeleted'>

/** What one event takes out of the cache. */
export const invalidate = (identity: Forgetting, event: UserEvent): void => {
  switch (event.type) {
    case 'session.revoked.v1':
      return identity.sessionRevoked(event.data.sessionId)
    case 'user.activated.v1':
      return identity.userChanged(event.data.userId)
    case 'user.deleted.v1':
      return identity.userDeleted(event.data.userId)
    case 'user.registered.v1':
    case 'session.started.v1':
      return undefined
  }
}

/** A consumer part. Records that cannot be read are passed over: they can name nothing to drop. */
export const makeInvalidation = (options: {
  kafka: KafkaPort
  prefix: string
  identity: () => Forgetting
}) =>
  options.kafka.makeConsumer({
    groupId: `${options.prefix}.throttler.${randomUUID()}`,
    topics: [topicNames(options.prefix).users],
    fromBeginning: false,
    onBatch: async (records: ReceivedRecord[]) => {
      for (const { value } of records) {
        const parsed = parseUserEvent(value)
        if ('event' in parsed) invalidate(options.identity(), parsed.event)
      }
    },
  })
