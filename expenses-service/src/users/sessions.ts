/** Beginning, carrying on and ending sessions. */
import { randomBytes, randomUUIDv7 } from 'node:crypto'
import { type Connection, inTransaction, type Pool } from '@quits/kit/postgres'
import { ledgerError } from '../errors.ts'
import { addEvents } from '../outbox/store.ts'
import type { AccessTokens } from './access-token.ts'
import { userEventOf } from './events.ts'
import {
  formRefreshToken,
  judgeRefresh,
  parseRefreshToken,
  type RefreshToken,
  refreshHash,
  repeatSecondsMax,
  successorOf,
} from './refresh-token.ts'
import {
  type ClientKind,
  type Ending,
  insertSession,
  lockSession,
  revokeSessions,
  rotateSession,
  type SessionLife,
} from './session-store.ts'
import { lockUser, readUser, type User } from './user-store.ts'

const secretBytes = 32
/** Beyond that the oldest session of a person ends: each row and each list stays small. */
const sessionsOfUserMax = 100

/** Where a session is begun from. */
export interface Origin {
  client: ClientKind
  /** What the device calls itself. */
  device: string
}

/** All that a session's holder gets. */
export interface Granted {
  accessToken: string
  expiresAt: string
  refreshToken: string
  client: ClientKind
  user: User
}

/** A session that was written but not yet granted. */
export interface Begun {
  userId: string
  sessionId: string
  refreshToken: string
  client: ClientKind
}

export type Sessions = ReturnType<typeof makeSessions>

export const makeSessions = (options: {
  pool: Pool
  accessTokens: AccessTokens
  refreshKey: Buffer
  life: SessionLife
  wakeRelays: () => void
}) => {
  const { pool, refreshKey, life } = options

  const tell = (
    connection: Connection,
    type: 'session.started.v1' | 'session.revoked.v1',
    userId: string,
    sessionIds: string[],
  ) =>
    addEvents(
      connection,
      sessionIds.map((sessionId) =>
        userEventOf({ type, userId, sessionId }, { id: randomUUIDv7(), at: new Date() }),
      ),
    )

  const revoke = async (connection: Connection, userId: string, ending: Ending) => {
    const ended = await revokeSessions(connection, userId, ending)
    await tell(connection, 'session.revoked.v1', userId, ended)
    return ended
  }

  /** Ends sessions of a user; true when one was live. */
  const end = async (userId: string, ending: Ending): Promise<boolean> => {
    const ended = await inTransaction(pool, async (connection) =>
      (await lockUser(connection, userId)) ? revoke(connection, userId, ending) : [],
    )
    options.wakeRelays()
    return ended.length > 0
  }

  const carryOn = async (connection: Connection, token: RefreshToken) => {
    const session = await lockSession(connection, token.sessionId, repeatSecondsMax)
    if (session === undefined) return undefined
    const { userId, client } = session
    const verdict = judgeRefresh(session, token)
    if (verdict === 'nobody') return undefined
    if (verdict === 'reuse') return { stolenFrom: userId }
    const successor = successorOf(session.secret, token.secret)
    if (verdict === 'rotate') {
      await rotateSession(connection, token.sessionId, refreshHash(successor), life)
    }
    const refreshToken = formRefreshToken(refreshKey, token.sessionId, successor)
    return { begun: { userId, client, sessionId: token.sessionId, refreshToken } }
  }

  /** The answer for a session whose row is committed. */
  const grant = async (begun: Begun): Promise<Granted> => {
    const user = await readUser(pool, begun.userId)
    if (user === undefined) throw ledgerError('unauthenticated')
    const access = await options.accessTokens.sign(begun.userId, begun.sessionId)
    return { ...access, refreshToken: begun.refreshToken, client: begun.client, user }
  }

  return {
    /** Writes a new session beside its event. The caller holds the user's row, then grants. */
    async begin(connection: Connection, userId: string, origin: Origin): Promise<Begun> {
      await revoke(connection, userId, { allButNewest: sessionsOfUserMax - 1 })
      const sessionId = randomUUIDv7()
      const token = randomBytes(secretBytes)
      await insertSession(
        connection,
        {
          ...origin,
          id: sessionId,
          userId,
          secret: randomBytes(secretBytes),
          tokenHash: refreshHash(token),
        },
        life,
      )
      await tell(connection, 'session.started.v1', userId, [sessionId])
      const refreshToken = formRefreshToken(refreshKey, sessionId, token)
      return { userId, sessionId, refreshToken, client: origin.client }
    },
    grant,
    /**
     * New tokens for a refresh token. The one just replaced gets the same successor for ten
     * seconds, because its reply may have been lost; an older one ends the session for everybody.
     */
    async refresh(text: string): Promise<Granted> {
      const token = parseRefreshToken(refreshKey, text)
      if (token === undefined) throw ledgerError('unauthenticated')
      const outcome = await inTransaction(pool, (connection) => carryOn(connection, token))
      if (outcome?.begun !== undefined) return grant(outcome.begun)
      if (outcome?.stolenFrom !== undefined) {
        await end(outcome.stolenFrom, { only: token.sessionId })
      }
      throw ledgerError('unauthenticated')
    },
    /** Ends the session of a refresh token; a token of nobody ends nothing, and says nothing. */
    async signOut(text: string): Promise<void> {
      const token = parseRefreshToken(refreshKey, text)
      if (token === undefined) return
      const owner = await inTransaction(pool, async (connection) => {
        const session = await lockSession(connection, token.sessionId, repeatSecondsMax)
        if (session === undefined || judgeRefresh(session, token) === 'nobody') return undefined
        return session.userId
      })
      if (owner !== undefined) await end(owner, { only: token.sessionId })
    },
    end,
    /** The same, in a transaction of the caller, who holds the user's row. */
    revoke,
  }
}
