/** Use case: put a debt away, or take it back out, for oneself only. Doing it again changes nothing. */
import type { Pool } from '@quits/kit/postgres'
import { saveArchived } from './debt-store.ts'
import { viewDebt } from './debt.ts'
import { findDebt } from './find-debt.ts'
import type { DebtView } from './shapes.ts'

export const makePutAway =
  ({ pool }: { pool: Pool }) =>
  async (userId: string, id: string, archived: boolean): Promise<DebtView> => {
    await saveArchived(pool, userId, id, archived)
    return viewDebt(await findDebt(pool, userId, id), userId)
  }
