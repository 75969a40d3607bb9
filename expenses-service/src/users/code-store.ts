/** Requests for codes in Postgres, each found by the hash of its nonce. */
import type { Connection } from '@quits/kit/postgres'
import type { CodeState } from './codes.ts'

export interface NewCode {
  nonceHash: Buffer
  address: string
  codeHash: Buffer
  /** 0 for a request that must look like the others and open nothing. */
  triesLeft: number
  expiresAt: Date
  name: string | null
  locale: string | null
  passwordHash: string | null
}

export const insertCode = async (connection: Connection, code: NewCode): Promise<void> => {
  await connection.query({
    name: 'code-insert',
    text: `INSERT INTO codes
             (nonce_hash, address, code_hash, tries_left, expires_at, name, locale, password_hash)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    values: [
      code.nonceHash,
      code.address,
      code.codeHash,
      code.triesLeft,
      code.expiresAt,
      code.name,
      code.locale,
      code.passwordHash,
    ],
  })
}

export interface RequestedCode extends CodeState {
  address: string
  name: string | null
  locale: string | null
  passwordHash: string | null
}

/** Locked until the transaction ends, so that tries at the same time are counted one by one. */
export const lockCode = async (
  connection: Connection,
  nonceHash: Buffer,
): Promise<RequestedCode | undefined> => {
  const { rows } = await connection.query<RequestedCode>({
    name: 'code-lock',
    text: `SELECT address, name, locale, password_hash AS "passwordHash", code_hash AS "codeHash",
             tries_left AS "triesLeft", used_at IS NOT NULL AS used, expires_at <= now() AS expired
           FROM codes WHERE nonce_hash = $1 FOR UPDATE`,
    values: [nonceHash],
  })
  return rows[0]
}

export const countTry = async (connection: Connection, nonceHash: Buffer): Promise<void> => {
  await connection.query({
    name: 'code-count-try',
    text: 'UPDATE codes SET tries_left = tries_left - 1 WHERE nonce_hash = $1',
    values: [nonceHash],
  })
}

/** Used once; the password of the sign-up leaves with it. */
export const markCodeUsed = async (connection: Connection, nonceHash: Buffer): Promise<void> => {
  await connection.query({
    name: 'code-use',
    text: 'UPDATE codes SET used_at = now(), password_hash = NULL WHERE nonce_hash = $1',
    values: [nonceHash],
  })
}
