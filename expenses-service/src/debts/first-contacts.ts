/**
 * How many new addresses a person may bring in per day. An address counts once, whether or not it
 * belongs to an account, so that the cap tells nothing about addresses; only its hash is kept.
 */
import type { Connection } from '@quits/kit/postgres'
import { type LedgerError, ledgerError } from '../errors.ts'

type Reader = Pick<Connection, 'query'>

const daySeconds = 86_400

/** The refusal, when the address is new and the day's share is used up. */
export const firstContactRefusal = async (
  reader: Reader,
  contact: { userId: string; address: string; perDay: number },
): Promise<LedgerError | undefined> => {
  const { rows } = await reader.query<{ known: boolean; made: number; oldest: number }>({
    name: 'check-first-contact',
    text: `SELECT EXISTS (SELECT FROM first_contacts
               WHERE user_id = $1 AND contact = sha256(convert_to($2, 'UTF8'))) AS known,
             count(*)::int AS made,
             coalesce(extract(epoch FROM now() - min(at)), 0)::float8 AS oldest
           FROM first_contacts WHERE user_id = $1 AND at > now() - make_interval(secs => $3)`,
    values: [contact.userId, contact.address, daySeconds],
  })
  const [found] = rows
  if (found === undefined || found.known || found.made < contact.perDay) return undefined
  const retryAfterSeconds = Math.max(1, Math.ceil(daySeconds - found.oldest))
  return ledgerError('too_many_first_contacts', { retryAfterSeconds })
}

/** Remembers the address, or throws. In a transaction; one person's contacts wait for each other. */
export const addFirstContact = async (
  connection: Connection,
  contact: { userId: string; address: string; perDay: number },
): Promise<void> => {
  await connection.query({
    name: 'lock-first-contacts',
    text: `SELECT pg_advisory_xact_lock(hashtextextended('first contacts ' || $1, 0))`,
    values: [contact.userId],
  })
  const refusal = await firstContactRefusal(connection, contact)
  if (refusal !== undefined) throw refusal
  await connection.query({
    name: 'add-first-contact',
    text: `INSERT INTO first_contacts (user_id, contact)
           VALUES ($1, sha256(convert_to($2, 'UTF8'))) ON CONFLICT DO NOTHING`,
    values: [contact.userId, contact.address],
  })
}
