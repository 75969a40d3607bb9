/** Reads the keys that are kept beside the heart. */
import type { Connection } from '@quits/kit/postgres'
import { texts, uuids } from '../column.ts'
import { overRows } from '../statement.ts'
import type { PaymentKey } from './payment-key.ts'

type Reader = Pick<Connection, 'query'>

interface PaymentRow {
  user_id: string
  key: string
  request_hash: string
  bundle: string
  at: Date
}

const paymentsWith = overRows<{ userId: string; key: string }>(
  'load-payments',
  { user_id: uuids(({ userId }) => userId), key: texts(({ key }) => key) },
  (set) => `SELECT p.user_id, p.key, encode(p.request_hash, 'hex') AS request_hash, p.bundle, p.at
            FROM ${set} JOIN payment_keys p USING (user_id, key)`,
)

export const loadPayments = async (
  reader: Reader,
  wanted: { userId: string; key: string }[],
): Promise<PaymentKey[]> => {
  const [statement] = paymentsWith(wanted)
  if (statement === undefined) return []
  const { rows } = await reader.query<PaymentRow>(statement)
  return rows.map(({ user_id, key, request_hash, bundle, at }) => ({
    userId: user_id,
    key,
    requestHash: request_hash,
    bundle,
    at: at.toISOString(),
  }))
}
