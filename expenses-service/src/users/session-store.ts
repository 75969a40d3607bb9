/** Sessions in Postgres. All times are the database's, so that processes agree on them. */
import type { Connection } from '@quits/kit/postgres'
import type { RefreshState } from './refresh-token.ts'

type Reader = Pick<Connection, 'query'>

/** How long a session lives without being used, and at most. */
export interface SessionLife {
  refreshDays: number
  sessionDaysMax: number
}

export type ClientKind = 'browser' | 'app'

export interface NewSession {
  id: string
  userId: string
  client: ClientKind
  device: string
  secret: Buffer
  tokenHash: Buffer
}

export const insertSession = async (
  connection: Connection,
  session: NewSession,
  life: SessionLife,
): Promise<void> => {
  await connection.query({
    name: 'session-insert',
    text: `INSERT INTO sessions (id, user_id, client, device, secret, token_hash, expires_at)
           VALUES ($1, $2, $3, $4, $5, $6, now() + make_interval(days => least($7::int, $8::int)))`,
    values: [
      session.id,
      session.userId,
      session.client,
      session.device,
      session.secret,
      session.tokenHash,
      life.refreshDays,
      life.sessionDaysMax,
    ],
  })
}

export interface LockedSession extends RefreshState {
  userId: string
  client: ClientKind
  secret: Buffer
}

/** Locked until the transaction ends: of two refreshes at once the second sees the first. */
export const lockSession = async (
  connection: Connection,
  sessionId: string,
  repeatSecondsMax: number,
): Promise<LockedSession | undefined> => {
  const { rows } = await connection.query<LockedSession>({
    name: 'session-lock',
    text: `SELECT user_id AS "userId", client, secret, token_hash AS "tokenHash",
             previous_hash AS "previousHash", revoked_at IS NULL AND expires_at > now() AS live,
             rotated_at > now() - make_interval(secs => $2) AS fresh
           FROM sessions WHERE id = $1 FOR UPDATE`,
    values: [sessionId, repeatSecondsMax],
  })
  return rows[0]
}

export const rotateSession = async (
  connection: Connection,
  sessionId: string,
  tokenHash: Buffer,
  life: SessionLife,
): Promise<void> => {
  await connection.query({
    name: 'session-rotate',
    text: `UPDATE sessions SET previous_hash = token_hash, token_hash = $2, rotated_at = now(),
             expires_at = least(now() + make_interval(days => $3),
                                created_at + make_interval(days => $4))
           WHERE id = $1`,
    values: [sessionId, tokenHash, life.refreshDays, life.sessionDaysMax],
  })
}

/** Which sessions of a user end: one, all but one, or all but the newest so many. */
export type Ending = { only: string } | { allBut: string } | { allButNewest: number }

/** Ends live sessions of a user and tells which. The caller holds the user's row. */
export const revokeSessions = async (
  connection: Connection,
  userId: string,
  ending: Ending,
): Promise<string[]> => {
  const { rows } = await connection.query<{ id: string }>({
    name: 'session-revoke',
    text: `UPDATE sessions SET revoked_at = now()
           WHERE id IN (
             SELECT id FROM sessions
             WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > now()
               AND ($2::uuid IS NULL OR id = $2) AND ($3::uuid IS NULL OR id <> $3)
             ORDER BY created_at DESC, id DESC OFFSET $4)
           RETURNING id`,
    values: [
      userId,
      'only' in ending ? ending.only : null,
      'allBut' in ending ? ending.allBut : null,
      'allButNewest' in ending ? ending.allButNewest : 0,
    ],
  })
  return rows.map(({ id }) => id)
}

export interface LiveSession {
  id: string
  userId: string
  activated: boolean
  role: 'user' | 'admin'
  expiresAt: Date
}

/** Those of the ids that name a live session, in one query. */
export const readLiveSessions = async (
  connection: Reader,
  sessionIds: string[],
): Promise<Map<string, LiveSession>> => {
  const { rows } = await connection.query<LiveSession>({
    name: 'session-live',
    text: `SELECT s.id, s.user_id AS "userId", u.activated_at IS NOT NULL AS activated, u.role,
             s.expires_at AS "expiresAt"
           FROM sessions s JOIN users u ON u.id = s.user_id
           WHERE s.id = ANY($1::uuid[]) AND s.revoked_at IS NULL AND s.expires_at > now()`,
    values: [sessionIds],
  })
  return new Map(rows.map((session) => [session.id, session]))
}

export interface Device {
  id: string
  client: ClientKind
  device: string
  createdAt: Date
  lastUsedAt: Date
  expiresAt: Date
}

/** Live sessions of a user, newest first. */
export const listSessions = async (
  connection: Reader,
  userId: string,
  rowsMax: number,
): Promise<Device[]> => {
  const { rows } = await connection.query<Device>({
    name: 'session-list',
    text: `SELECT id, client, device, created_at AS "createdAt", rotated_at AS "lastUsedAt",
             expires_at AS "expiresAt"
           FROM sessions WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > now()
           ORDER BY created_at DESC, id DESC LIMIT $2`,
    values: [userId, rowsMax],
  })
  return rows
}
