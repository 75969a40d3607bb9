/** What other subjects may know of people: their ids, names and verified addresses. */
import type { Connection } from '@quits/kit/postgres'
import { normalEmail } from './email.ts'

export { normalEmail }

type Reader = Pick<Connection, 'query'>

/** Names by user id; an id that is nobody's is left out. */
export const namesOf = async (
  connection: Reader,
  userIds: string[],
): Promise<Map<string, string>> => {
  if (userIds.length === 0) return new Map()
  const { rows } = await connection.query<{ id: string; name: string }>({
    name: 'people-names',
    text: 'SELECT id, name FROM users WHERE id = ANY($1::uuid[])',
    values: [[...new Set(userIds)]],
  })
  return new Map(rows.map(({ id, name }) => [id, name]))
}

/** Name and language by user id, for letters to and from them. */
export const correspondentsOf = async (
  connection: Reader,
  userIds: string[],
): Promise<Map<string, { name: string; locale: string }>> => {
  const { rows } = await connection.query<{ id: string; name: string; locale: string }>({
    name: 'people-correspondents',
    text: 'SELECT id, name, locale FROM users WHERE id = ANY($1::uuid[])',
    values: [userIds],
  })
  return new Map(rows.map(({ id, name, locale }) => [id, { name, locale }]))
}

/** The user who proved to own this address. */
export const userOfAddress = async (
  connection: Reader,
  email: string,
): Promise<string | undefined> => {
  const { rows } = await connection.query<{ user_id: string }>({
    name: 'people-of-address',
    text: `SELECT user_id FROM contacts
           WHERE kind = 'email' AND value = $1 AND verified_at IS NOT NULL`,
    values: [normalEmail(email)],
  })
  return rows[0]?.user_id
}
