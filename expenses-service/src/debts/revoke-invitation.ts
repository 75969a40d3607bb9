/** Use case: revoke an invitation, so that its link shows nothing any more. Once more is no fault. */
import { inTransaction, type Pool } from '@quits/kit/postgres'
import { ledgerError } from '../errors.ts'
import { invitationsOf, revokeInvitation } from './invitation-store.ts'

export const makeRevokeInvitation =
  ({ pool, refuseLate }: { pool: Pool; refuseLate?: () => void }) =>
  async (asked: { bookId: string; id: string; userId: string }): Promise<void> => {
    const revoked = await inTransaction(pool, async (connection) => {
      const done = await revokeInvitation(connection, asked)
      refuseLate?.()
      return done
    })
    if (revoked) return
    const mine = await invitationsOf(pool, asked)
    const known = mine.some(({ id }) => id === asked.id)
    throw ledgerError(known ? 'already_answered' : 'not_found')
  }
