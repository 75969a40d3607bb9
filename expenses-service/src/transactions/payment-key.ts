/** The key of a command that belongs to no single book: kept beside the heart, in the same turn. */
import { byteas, texts, timestamptzs, uuids } from '../column.ts'
import { inserting } from '../statement.ts'

export interface PaymentKey {
  userId: string
  key: string
  requestHash: string
  bundle: string
  at: string
}

export const keeping = inserting<PaymentKey>('payment_keys', {
  user_id: uuids(({ userId }) => userId),
  key: texts(({ key }) => key),
  request_hash: byteas(({ requestHash }) => requestHash),
  bundle: uuids(({ bundle }) => bundle),
  at: timestamptzs(({ at }) => at),
})
