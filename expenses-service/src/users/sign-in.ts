/** Signing in: by the code from the mail, or by password. */
import { randomUUIDv7 } from 'node:crypto'
import { type Connection, inTransaction, type Pool } from '@quits/kit/postgres'
import { ledgerError } from '../errors.ts'
import { addEvents } from '../outbox/store.ts'
import { countTry, lockCode, markCodeUsed, type RequestedCode } from './code-store.ts'
import { codeHash, judgeCode, nonceHash } from './codes.ts'
import { userEventOf } from './events.ts'
import type { Guards } from './guards.ts'
import type { Passwords } from './passwords.ts'
import type { Granted, Origin, Sessions } from './sessions.ts'
import {
  activateUser,
  claimContact,
  insertActivatedUser,
  lockContact,
  lockUser,
  readCredentials,
  readPasswordHash,
  verifyContact,
} from './user-store.ts'

/** Told in the same transaction that an address was verified for the first time. */
export type OnVerified = (
  connection: Connection,
  person: { userId: string; email: string },
) => Promise<void>

interface Attempt {
  email: string
  /** The asker's network address. */
  address: string
  origin: Origin
}

export type SignIn = ReturnType<typeof makeSignIn>

export const makeSignIn = (options: {
  pool: Pool
  guards: Guards
  passwords: Passwords
  sessions: Sessions
  codeKey: Buffer
  onVerified: OnVerified
  wakeRelays: () => void
}) => {
  const { pool, guards, passwords, sessions, onVerified } = options

  const openWithCode = async (
    connection: Connection,
    attempt: Attempt & { code: string; nonce: string },
  ) => {
    const { email, nonce, code } = attempt
    const found = nonceHash(nonce)
    const requested = await lockCode(connection, found)
    if (requested === undefined) return undefined
    const presented = codeHash(options.codeKey, { nonce, address: email, code })
    const verdict = judgeCode(requested, presented)
    if (verdict === 'wrong') await countTry(connection, found)
    if (verdict !== 'right') return undefined
    await markCodeUsed(connection, found)
    const userId = await admit(connection, requested, onVerified)
    return userId === undefined ? undefined : sessions.begin(connection, userId, attempt.origin)
  }

  return {
    /** A wrong, used, expired or foreign code is `wrong_code`, always the same. */
    async byCode(attempt: Attempt & { code: string; nonce: string }): Promise<Granted> {
      await guards.attempt(attempt.address)
      const begun = await inTransaction(pool, (connection) => openWithCode(connection, attempt))
      if (begun === undefined) throw ledgerError('wrong_code')
      options.wakeRelays()
      return sessions.grant(begun)
    },
    /** Only the right password of an open sign-up learns that the code is still missing. */
    async byPassword(attempt: Attempt & { password: string }): Promise<Granted> {
      await guards.password(attempt.email, attempt.address)
      const { userId, passwordHash, signUpPasswordHash } = await readCredentials(
        pool,
        attempt.email,
      )
      const stored = (userId === null ? signUpPasswordHash : passwordHash) ?? undefined
      const right = await passwords.verify(stored, attempt.password)
      if (!right) throw ledgerError('wrong_credentials')
      if (userId === null) throw ledgerError('account_not_activated')
      const begun = await inTransaction(pool, async (connection) => {
        const there = await lockUser(connection, userId)
        // The password may have been changed while this one was being verified.
        const current = there && (await readPasswordHash(connection, userId)) === stored
        return current ? sessions.begin(connection, userId, attempt.origin) : undefined
      })
      if (begun === undefined) throw ledgerError('wrong_credentials')
      options.wakeRelays()
      await guards.forgive(attempt.email, attempt.address)
      return sessions.grant(begun)
    },
  }
}

/**
 * The user behind a verified address, locked: there already, or made now from what the sign-up of
 * this very request said. Undefined when the account went away while its code was on the way.
 */
const admit = async (
  connection: Connection,
  requested: RequestedCode,
  onVerified: OnVerified,
): Promise<string | undefined> => {
  const { address: email, name, locale, passwordHash } = requested
  let known = await lockContact(connection, email)
  if (known === undefined) {
    if (name === null || locale === null) return undefined
    const userId = randomUUIDv7()
    if (await claimContact(connection, email, userId)) {
      await insertActivatedUser(connection, { id: userId, name, locale, passwordHash })
      await tell(connection, userId, ['user.registered.v1', 'user.activated.v1'])
      await onVerified(connection, { userId, email })
      return userId
    }
    // Two codes of one sign-up at once: the other one was faster and has committed.
    known = await lockContact(connection, email)
    if (known === undefined) return undefined
  }
  const { userId, verified } = known
  if (!(await lockUser(connection, userId))) return undefined
  if (!verified) {
    await verifyContact(connection, email)
    if (await activateUser(connection, userId))
      await tell(connection, userId, ['user.activated.v1'])
    await onVerified(connection, { userId, email })
  }
  return userId
}

const tell = (
  connection: Connection,
  userId: string,
  types: ('user.registered.v1' | 'user.activated.v1')[],
) =>
  addEvents(
    connection,
    types.map((type) => userEventOf({ type, userId }, { id: randomUUIDv7(), at: new Date() })),
  )
