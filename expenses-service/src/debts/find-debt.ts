/** Use case: find one's debt. Somebody else's, and one that is not there, are the same 404. */
import type { Connection } from '@quits/kit/postgres'
import { ledgerError } from '../errors.ts'
import { debtOf } from './debt-store.ts'
import type { Debt } from './debt.ts'
import { idOf } from './request.ts'

/** `id` as it came: one of another shape names nothing either. */
export const findDebt = async (
  reader: Pick<Connection, 'query'>,
  userId: string,
  id: string | undefined,
): Promise<Debt> => {
  const debt = await debtOf(reader, userId, idOf(id))
  if (debt === undefined) throw ledgerError('not_found')
  return debt
}
