/** What people see and change of themselves. */
import { inTransaction, type Pool } from '@quits/kit/postgres'
import { ledgerError } from '../errors.ts'
import type { Guards } from './guards.ts'
import type { Passwords } from './passwords.ts'
import type { Sessions } from './sessions.ts'
import {
  lockUser,
  readPasswordHash,
  readUser,
  updatePassword,
  updateProfile,
  type User,
} from './user-store.ts'

export type Profile = ReturnType<typeof makeProfile>

export const makeProfile = (options: {
  pool: Pool
  guards: Guards
  passwords: Passwords
  sessions: Sessions
  wakeRelays: () => void
}) => {
  const { pool, passwords } = options

  const read = async (userId: string): Promise<User> => {
    const user = await readUser(pool, userId)
    if (user === undefined) throw ledgerError('unauthenticated')
    return user
  }

  return {
    read,
    /** Changes the stated version; another one by now is `version_conflict` with the current. */
    async change(
      userId: string,
      version: number,
      wish: { name?: string | undefined; locale?: string | undefined },
    ): Promise<User> {
      const { name = null, locale = null } = wish
      const changed = await updateProfile(pool, { userId, version, name, locale })
      const user = await read(userId)
      if (!changed) throw ledgerError('version_conflict', { members: { version: user.version } })
      return user
    },
    /** Sets a password; where there is one it must be told. Every other session ends. */
    async setPassword(
      caller: { userId: string; sessionId: string; address: string },
      wish: { password: string; current: string | undefined },
    ): Promise<void> {
      const { userId, sessionId, address } = caller
      await options.guards.password(userId, address)
      const before = await readPasswordHash(pool, userId)
      if (before !== undefined && !(await passwords.verify(before, wish.current ?? ''))) {
        throw ledgerError('wrong_credentials')
      }
      const hash = await passwords.hash(wish.password)
      await inTransaction(pool, async (connection) => {
        if (!(await lockUser(connection, userId))) throw ledgerError('unauthenticated')
        // Somebody else changed it while this one was being verified: theirs stands.
        if ((await readPasswordHash(connection, userId)) !== before) {
          throw ledgerError('wrong_credentials')
        }
        await updatePassword(connection, userId, hash)
        await options.sessions.revoke(connection, userId, { allBut: sessionId })
      })
      options.wakeRelays()
    },
  }
}
