/** Use case: put a debt away, or take it back out, for oneself only. Doing it again changes nothing. */
import { inTransaction, type Pool } from '@quits/kit/postgres'
import { saveArchived } from './debt-store.ts'
import { viewDebt } from './debt.ts'
import { findDebt } from './find-debt.ts'
import type { DebtView } from './shapes.ts'

export const makePutAway =
  ({ pool, refuseLate }: { pool: Pool; refuseLate?: () => void }) =>
  async (userId: string, id: string, archived: boolean): Promise<DebtView> => {
    await inTransaction(pool, async (connection) => {
      await saveArchived(connection, userId, id, archived)
      // Whoever waited no longer for the row's lock has changed nothing.
      refuseLate?.()
    })
    return viewDebt(await findDebt(pool, userId, id), userId)
  }
