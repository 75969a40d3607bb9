/** Invitations in Postgres. They are beside the heart: found by the hash of their token. */
import type { Connection } from '@quits/kit/postgres'
import { limits } from '../limits.ts'
import type { Invitation } from './invitation.ts'

type Reader = Pick<Connection, 'query'>

interface InvitationRow {
  id: string
  book_id: string
  invited_by: string
  request_hash: string
  address: string | null
  answer: 'accepted' | 'declined' | null
  answered_by: string | null
  revoked: boolean
  expired: boolean
  created_at: Date
  expires_at: Date
}

const columns = `id, book_id, invited_by, encode(request_hash, 'hex') AS request_hash, address, answer, answered_by,
  revoked_at IS NOT NULL AS revoked, expires_at <= now() AS expired, created_at, expires_at`

const readInvitation = (row: InvitationRow): Invitation => ({
  id: row.id,
  bookId: row.book_id,
  invitedBy: row.invited_by,
  requestHash: row.request_hash,
  address: row.address ?? undefined,
  answer: row.answer ?? undefined,
  answeredBy: row.answered_by ?? undefined,
  revoked: row.revoked,
  expired: row.expired,
  createdAt: row.created_at.toISOString(),
  expiresAt: row.expires_at.toISOString(),
})

export const invitationOfToken = async (
  reader: Reader,
  tokenHash: Buffer,
): Promise<Invitation | undefined> => {
  const { rows } = await reader.query<InvitationRow>({
    name: 'invitation-of-token',
    text: `SELECT ${columns} FROM invitations WHERE token_hash = $1`,
    values: [tokenHash],
  })
  return rows.map(readInvitation)[0]
}

/** What the caller invited to this book, newest first, and how many of it can still be used. */
export const invitationsOf = async (
  reader: Reader,
  asked: { bookId: string; userId: string },
): Promise<Invitation[]> => {
  const { rows } = await reader.query<InvitationRow>({
    name: 'invitations-of',
    text: `SELECT ${columns} FROM invitations WHERE book_id = $1 AND invited_by = $2
           ORDER BY created_at DESC, id DESC LIMIT $3`,
    values: [asked.bookId, asked.userId, limits.pageSizeMax],
  })
  return rows.map(readInvitation)
}

/** Did the caller use this key for a row of the book? Then it names another request. */
export const keyWroteRow = async (
  reader: Reader,
  asked: { bookId: string; userId: string; key: string },
): Promise<boolean> => {
  const { rowCount } = await reader.query({
    name: 'key-wrote-row',
    text: 'SELECT FROM transactions WHERE book_id = $1 AND entered_by = $2 AND key = $3',
    values: [asked.bookId, asked.userId, asked.key],
  })
  return rowCount !== 0
}

export const addInvitation = async (
  connection: Connection,
  asked: {
    id: string
    tokenHash: Buffer
    bookId: string
    userId: string
    requestHash: string
    address: string | undefined
  },
): Promise<Invitation> => {
  const { rows } = await connection.query<InvitationRow>({
    name: 'add-invitation',
    text: `INSERT INTO invitations (token_hash, id, book_id, invited_by, request_hash, address,
             expires_at)
           VALUES ($1, $2, $3, $4, decode($5, 'hex'), $6, now() + make_interval(days => $7)) RETURNING ${columns}`,
    values: [
      asked.tokenHash,
      asked.id,
      asked.bookId,
      asked.userId,
      asked.requestHash,
      asked.address ?? null,
      limits.invitationDays,
    ],
  })
  const [row] = rows
  if (row === undefined) throw new Error('an insert without its row')
  return readInvitation(row)
}

const daySeconds = 86_400

/** Invitations that one person mailed to an address within a day, and the age of the oldest of them. */
export const mailedWithinDay = async (
  reader: Reader,
  asked: { userId: string; address: string },
): Promise<{ count: number; oldestSeconds: number }> => {
  const { rows } = await reader.query<{ count: number; oldest: number }>({
    name: 'mailed-within-day',
    text: `SELECT count(*)::int AS count,
             coalesce(extract(epoch FROM now() - min(created_at)), 0)::float8 AS oldest
           FROM invitations
           WHERE invited_by = $1 AND address = $2 AND created_at > now() - make_interval(secs => $3)`,
    values: [asked.userId, asked.address, daySeconds],
  })
  const [found] = rows
  return { count: found?.count ?? 0, oldestSeconds: found?.oldest ?? 0 }
}

/** Revokes; answers whether there is such an invitation that nobody answered. */
export const revokeInvitation = async (
  reader: Reader,
  asked: { id: string; bookId: string; userId: string },
): Promise<boolean> => {
  const { rowCount } = await reader.query({
    name: 'revoke-invitation',
    text: `UPDATE invitations SET revoked_at = coalesce(revoked_at, now())
           WHERE book_id = $1 AND id = $2 AND invited_by = $3 AND answer IS NULL`,
    values: [asked.bookId, asked.id, asked.userId],
  })
  return rowCount === 1
}

/** Answers an open invitation: when that was; undefined when it was revoked, answered or ran out meanwhile. */
export const answerInvitation = async (
  reader: Reader,
  invitation: Pick<Invitation, 'bookId' | 'id'>,
  answer: 'accepted' | 'declined',
  userId: string,
): Promise<string | undefined> => {
  const { rows } = await reader.query<{ answered_at: Date }>({
    name: 'answer-invitation',
    text: `UPDATE invitations SET answer = $3, answered_by = $4, answered_at = clock_timestamp()
           WHERE book_id = $1 AND id = $2
             AND answer IS NULL AND revoked_at IS NULL AND expires_at > clock_timestamp()
           RETURNING answered_at`,
    values: [invitation.bookId, invitation.id, answer, userId],
  })
  return rows[0]?.answered_at.toISOString()
}

/** Nobody else is asked to this debt any more: addresses that wait for it, and who never agreed. */
export const forgetAsked = async (
  connection: Connection,
  bookId: string,
  askedUserId: string | undefined,
): Promise<void> => {
  await connection.query({
    name: 'forget-waiting',
    text: 'DELETE FROM waiting WHERE book_id = $1',
    values: [bookId],
  })
  if (askedUserId === undefined) return
  await connection.query({
    name: 'forget-membership',
    text: 'DELETE FROM memberships WHERE user_id = $1 AND book_id = $2',
    values: [askedUserId, bookId],
  })
}
