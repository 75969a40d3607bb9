/** Rows of what one person allows or forbids another. */
import type { Connection } from '@quits/kit/postgres'
import { uuidArray } from '../column.ts'
import { type Consent, type Relation, strangers } from './relation.ts'

type Reader = Pick<Connection, 'query'>

interface RelationRow {
  user_id: string
  towards_id: string
  consent: Consent['mode']
  up_to_minor: bigint | null
  up_to_currency: string | null
  blocked: boolean
}

const columns = 'r.user_id, r.towards_id, r.consent, r.up_to_minor, r.up_to_currency, r.blocked'

const readConsent = (row: RelationRow): Consent => {
  if (row.consent !== 'upTo') return { mode: row.consent }
  if (row.up_to_minor === null || row.up_to_currency === null) return { mode: 'ask' }
  return { mode: 'upTo', amountMinor: row.up_to_minor, currency: row.up_to_currency }
}

const readRelation = (row: RelationRow): Relation => ({
  userId: row.user_id,
  towardsId: row.towards_id,
  consent: readConsent(row),
  blocked: row.blocked,
})

/**
 * How the people of these books stand to each other, where anybody said so; a pair that shares several
 * of them comes several times. Each pair is looked up by key: prepared while the table is empty, a
 * plain join would be planned to read all of it.
 */
export const loadRelations = async (reader: Reader, bookIds: string[]): Promise<Relation[]> => {
  if (bookIds.length === 0) return []
  const { rows } = await reader.query<RelationRow>({
    name: 'load-relations',
    text: `SELECT r.* FROM participants one
           JOIN participants other ON other.book_id = one.book_id AND other.no <> one.no
           CROSS JOIN LATERAL (
             SELECT ${columns} FROM relations r
             WHERE r.user_id = one.user_id AND r.towards_id = other.user_id OFFSET 0
           ) AS r
           WHERE one.book_id = ANY($1::uuid[]) AND EXISTS (SELECT FROM relations)`,
    values: [uuidArray(bookIds)],
  })
  return rows.map(readRelation)
}

/** How one person stands to another. */
export const relationOf = async (
  reader: Reader,
  userId: string,
  towardsId: string,
): Promise<Pick<Relation, 'consent' | 'blocked'>> => {
  const { rows } = await reader.query<RelationRow>({
    name: 'relation-of',
    text: `SELECT ${columns} FROM relations r WHERE r.user_id = $1 AND r.towards_id = $2`,
    values: [userId, towardsId],
  })
  const [row] = rows
  return row === undefined ? strangers : readRelation(row)
}

/** From now on; what was answered stays. */
export const saveConsent = async (
  connection: Reader,
  userId: string,
  towardsId: string,
  consent: Consent,
): Promise<void> => {
  const upTo = consent.mode === 'upTo' ? consent : undefined
  await connection.query({
    name: 'save-consent',
    text: `INSERT INTO relations (user_id, towards_id, consent, up_to_minor, up_to_currency)
           VALUES ($1, $2, $3, $4, $5)
           ON CONFLICT (user_id, towards_id) DO UPDATE SET consent = excluded.consent,
             up_to_minor = excluded.up_to_minor, up_to_currency = excluded.up_to_currency`,
    values: [userId, towardsId, consent.mode, upTo?.amountMinor ?? null, upTo?.currency ?? null],
  })
}

export const saveBlock = async (
  connection: Reader,
  userId: string,
  towardsId: string,
  blocked: boolean,
): Promise<void> => {
  await connection.query({
    name: 'save-block',
    text: `INSERT INTO relations (user_id, towards_id, blocked) VALUES ($1, $2, $3)
           ON CONFLICT (user_id, towards_id) DO UPDATE SET blocked = excluded.blocked`,
    values: [userId, towardsId, blocked],
  })
}
