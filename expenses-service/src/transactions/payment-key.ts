/** The key of a command that belongs to no single book: kept beside the heart, in the same turn. */
import { byteas, texts, timestamptzs, uuids } from '../column.ts'
import { overRows, type Statement } from '../statement.ts'

export interface PaymentKey {
  userId: string
  key: string
  requestHash: Buffer
  bundle: string
  at: string
}

export const keeping = (keys: PaymentKey[]): Statement[] =>
  overRows(
    keys,
    'keep-payment-keys',
    `INSERT INTO payment_keys (user_id, key, request_hash, bundle, at)
     SELECT * FROM unnest($1::uuid[], $2::text[], $3::bytea[], $4::uuid[], $5::timestamptz[])`,
    [
      uuids(({ userId }) => userId),
      texts(({ key }) => key),
      byteas(({ requestHash }) => requestHash),
      uuids(({ bundle }) => bundle),
      timestamptzs(({ at }) => at),
    ],
  )
