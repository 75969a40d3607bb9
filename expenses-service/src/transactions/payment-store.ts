/** Reads the keys that are kept beside the heart. */
import type { Connection } from '@quits/kit/postgres'
import { textArray, uuidArray } from '../column.ts'
import type { PaymentKey } from './payment-key.ts'

type Reader = Pick<Connection, 'query'>

export const loadPayments = async (
  reader: Reader,
  wanted: { userId: string; key: string }[],
): Promise<PaymentKey[]> => {
  if (wanted.length === 0) return []
  const { rows } = await reader.query<{
    user_id: string
    key: string
    request_hash: Buffer
    bundle: string
    at: Date
  }>({
    name: 'load-payments',
    text: `SELECT p.user_id, p.key, p.request_hash, p.bundle, p.at
           FROM unnest($1::uuid[], $2::text[]) AS wanted (user_id, key)
           JOIN payment_keys p USING (user_id, key)`,
    values: [
      uuidArray(wanted.map(({ userId }) => userId)),
      textArray(wanted.map(({ key }) => key)),
    ],
  })
  return rows.map(({ user_id, key, request_hash, bundle, at }) => ({
    userId: user_id,
    key,
    requestHash: request_hash,
    bundle,
    at: at.toISOString(),
  }))
}
