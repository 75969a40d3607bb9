/** Users and their addresses in Postgres; one thing said per function. */
import type { Connection } from '@quits/kit/postgres'

type Reader = Pick<Connection, 'query'>

export interface User {
  id: string
  name: string
  email: string
  locale: string
  role: 'user' | 'admin'
  activated: boolean
  createdAt: Date
  version: number
}

const userColumns = `u.id, u.name, coalesce(c.value, '') AS email, u.locale, u.role, u.created_at AS "createdAt",
  u.activated_at IS NOT NULL AS activated, u.version`
// A user has one verified address today; the oldest is the one that is shown.
const userTables = `users u LEFT JOIN LATERAL (
    SELECT value FROM contacts WHERE user_id = u.id AND kind = 'email' AND verified_at IS NOT NULL
    ORDER BY created_at LIMIT 1) c ON true`

export const readUser = async (connection: Reader, userId: string): Promise<User | undefined> => {
  const { rows } = await connection.query<User>({
    name: 'user-read',
    text: `SELECT ${userColumns} FROM ${userTables} WHERE u.id = $1`,
    values: [userId],
  })
  return rows[0]
}

/**
 * Holds the user's row until the transaction ends: the order of their events is the order of
 * commits. False when there is no such user.
 */
export const lockUser = async (connection: Connection, userId: string): Promise<boolean> => {
  const { rows } = await connection.query({
    name: 'user-lock',
    text: 'SELECT 1 FROM users WHERE id = $1 FOR NO KEY UPDATE',
    values: [userId],
  })
  return rows.length === 1
}

export interface NewUser {
  id: string
  name: string
  locale: string
  passwordHash: string | null
}

/** A user whose address was just verified. */
export const insertActivatedUser = async (connection: Connection, user: NewUser): Promise<void> => {
  await connection.query({
    name: 'user-insert',
    text: `INSERT INTO users (id, name, locale, password_hash, activated_at)
           VALUES ($1, $2, $3, $4, now())`,
    values: [user.id, user.name, user.locale, user.passwordHash],
  })
}

/** Activates a user who was not; true when this changed something. */
export const activateUser = async (connection: Connection, userId: string): Promise<boolean> => {
  const { rowCount } = await connection.query({
    name: 'user-activate',
    text: `UPDATE users SET activated_at = now(), version = version + 1
           WHERE id = $1 AND activated_at IS NULL`,
    values: [userId],
  })
  return rowCount === 1
}

/** Changes name and locale of the stated version; undefined when it is another one by now. */
export const updateProfile = async (
  connection: Reader,
  change: { userId: string; version: number; name: string | null; locale: string | null },
): Promise<boolean> => {
  const { rowCount } = await connection.query({
    name: 'user-update-profile',
    text: `UPDATE users SET name = coalesce($3, name), locale = coalesce($4, locale),
             version = version + 1
           WHERE id = $1 AND version = $2`,
    values: [change.userId, change.version, change.name, change.locale],
  })
  return rowCount === 1
}

export const updatePassword = async (
  connection: Connection,
  userId: string,
  passwordHash: string,
): Promise<void> => {
  await connection.query({
    name: 'user-update-password',
    text: 'UPDATE users SET password_hash = $2, version = version + 1 WHERE id = $1',
    values: [userId, passwordHash],
  })
}

export const readPasswordHash = async (
  connection: Reader,
  userId: string,
): Promise<string | undefined> => {
  const { rows } = await connection.query<{ password_hash: string | null }>({
    name: 'user-password',
    text: 'SELECT password_hash FROM users WHERE id = $1',
    values: [userId],
  })
  return rows[0]?.password_hash ?? undefined
}

// A day: longer than any code lives, so that the right password of a late comer is not called wrong.
const openSignUp = `name IS NOT NULL AND used_at IS NULL AND created_at > now() - interval '1 day'`

/** What is known of an address when somebody types it with a password. */
export interface Credentials {
  /** Of the person who verified the address. */
  userId: string | null
  passwordHash: string | null
  /** Of the newest sign-up with this address that was not verified. */
  signUpPasswordHash: string | null
}

/** One query whether the address is known or not. */
export const readCredentials = async (connection: Reader, email: string): Promise<Credentials> => {
  const { rows } = await connection.query<Credentials>({
    name: 'user-credentials',
    text: `SELECT u.id AS "userId", u.password_hash AS "passwordHash",
             s.password_hash AS "signUpPasswordHash"
           FROM (VALUES ($1::text)) AS asked (address)
           LEFT JOIN contacts c
             ON c.kind = 'email' AND c.value = asked.address AND c.verified_at IS NOT NULL
           LEFT JOIN users u ON u.id = c.user_id
           LEFT JOIN LATERAL (
             SELECT password_hash FROM codes
             WHERE address = asked.address AND ${openSignUp} AND password_hash IS NOT NULL
             ORDER BY created_at DESC LIMIT 1) s ON true`,
    values: [email],
  })
  const [credentials] = rows
  if (credentials === undefined) throw new Error('a row of VALUES is missing')
  return credentials
}

/** Who can be written to at an address. */
export interface Addressee {
  /** Null for a sign-up that was not verified. */
  userId: string | null
  name: string
  locale: string
}

/** Whoever verified the address, else its newest open sign-up, else nobody. */
export const readAddressee = async (
  connection: Reader,
  email: string,
): Promise<Addressee | undefined> => {
  const { rows } = await connection.query<{ [K in keyof Addressee]: Addressee[K] | null }>({
    name: 'user-addressee',
    text: `SELECT u.id AS "userId", coalesce(u.name, s.name) AS name,
             coalesce(u.locale, s.locale) AS locale
           FROM (VALUES ($1::text)) AS asked (address)
           LEFT JOIN contacts c ON c.kind = 'email' AND c.value = asked.address
           LEFT JOIN users u ON u.id = c.user_id
           LEFT JOIN LATERAL (
             SELECT name, locale FROM codes
             WHERE address = asked.address AND ${openSignUp}
             ORDER BY created_at DESC LIMIT 1) s ON true`,
    values: [email],
  })
  const row = rows[0]
  if (row === undefined || row.name === null || row.locale === null) return undefined
  return { userId: row.userId, name: row.name, locale: row.locale }
}

/** The user at an address, locked; `verified` tells whether they proved to own it. */
export const lockContact = async (
  connection: Connection,
  email: string,
): Promise<{ userId: string; verified: boolean } | undefined> => {
  const { rows } = await connection.query<{ userId: string; verified: boolean }>({
    name: 'contact-lock',
    text: `SELECT user_id AS "userId", verified_at IS NOT NULL AS verified
           FROM contacts WHERE kind = 'email' AND value = $1 FOR NO KEY UPDATE`,
    values: [email],
  })
  return rows[0]
}

/** Takes a free address for a user to come; false when somebody was faster. */
export const claimContact = async (
  connection: Connection,
  email: string,
  userId: string,
): Promise<boolean> => {
  const { rowCount } = await connection.query({
    name: 'contact-claim',
    text: `INSERT INTO contacts (kind, value, user_id, verified_at) VALUES ('email', $1, $2, now())
           ON CONFLICT (kind, value) DO NOTHING`,
    values: [email, userId],
  })
  return rowCount === 1
}

export const verifyContact = async (connection: Connection, email: string): Promise<void> => {
  await connection.query({
    name: 'contact-verify',
    text: `UPDATE contacts SET verified_at = now() WHERE kind = 'email' AND value = $1`,
    values: [email],
  })
}
