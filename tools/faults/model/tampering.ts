// The broken twins of the invariants: each is broken by hand, under a transaction that is taken back,
// and the audit has to name it.
import type { Connection } from '@quits/kit/postgres'
import { audit, fingerprint, rightsTooMany, sharedNames } from '../audit.ts'
import { intentOf, openDebts } from '../debts.ts'
import { makeLedgerClient } from '../ledger-client.ts'
import { makeRandom } from '../../demo/random.ts'
import type { World } from '../world.ts'

/** `$book` is a debt of some rows. Constraints that would refuse it are dropped first. */
const tricks: { invariant: number; what: string; sql: string }[] = [
  {
    invariant: 1,
    what: 'money from nowhere',
    sql: `UPDATE books SET posted_minor[1] = posted_minor[1] + 1 WHERE book_id = $book`,
  },
  {
    invariant: 1,
    what: 'a row without its posting',
    sql: `UPDATE transactions SET postings = '{}' WHERE book_id = $book AND seq = 3`,
  },
  {
    invariant: 2,
    what: 'a drifting balance on both sides',
    sql: `UPDATE books SET posted_minor = ARRAY[posted_minor[1] + 7, posted_minor[2] - 7]
          WHERE book_id = $book`,
  },
  {
    invariant: 2,
    what: 'an intent that nobody has',
    sql: `UPDATE books SET pending_in_minor[1] = 5 WHERE book_id = $book`,
  },
  {
    invariant: 3,
    what: 'a second effect of one key',
    sql: `DROP INDEX transactions_key;
          UPDATE transactions SET entered_by = o.entered_by, key = o.key
          FROM (SELECT entered_by, key FROM transactions WHERE book_id = $book AND seq = 3) o
          WHERE book_id = $book AND seq = 4`,
  },
  {
    invariant: 5,
    what: 'two answers to one entry',
    sql: `DROP INDEX transactions_resolves;
          UPDATE transactions SET resolves = 1 WHERE book_id = $book AND seq IN (3, 4)`,
  },
  {
    invariant: 5,
    what: 'a right to change the journal',
    sql: 'GRANT UPDATE (amount_minor) ON transactions TO quits_expenses',
  },
  {
    invariant: 6,
    what: 'a debt below zero',
    sql: `UPDATE transactions SET balance_minor = -1 WHERE book_id = $book AND seq = 3`,
  },
  {
    invariant: 8,
    what: 'a debt that counts while it is only proposed',
    sql: `UPDATE books SET status = 'proposed' WHERE book_id = $book`,
  },
  {
    invariant: 9,
    what: 'a category that only one person may have',
    sql: 'CREATE UNIQUE INDEX ON memberships (category)',
  },
  {
    invariant: 10,
    what: 'a changed row',
    sql: `UPDATE transactions SET occurred_on = occurred_on - 1 WHERE book_id = $book AND seq = 3`,
  },
  {
    invariant: 10,
    what: 'a cut tail',
    sql: `DELETE FROM transactions USING books b WHERE transactions.book_id = $book
            AND b.book_id = $book AND seq = b.last_seq`,
  },
  {
    invariant: 10,
    what: 'other words',
    sql: `UPDATE transaction_words SET note = 'never said' WHERE book_id = $book AND seq = 3`,
  },
  {
    invariant: 11,
    what: 'an event that was never told',
    sql: `DELETE FROM outbox_batches b USING outbox_events e
          WHERE e.id = b.id AND e.event::json ->> 'id' = $book || ':3'`,
  },
  {
    invariant: 11,
    what: 'an event that was told twice',
    sql: `INSERT INTO outbox_batches (topic, count, keys, events)
          SELECT topic, 1, key, event FROM outbox_events
          WHERE event::json ->> 'id' = $book || ':3'`,
  },
  {
    invariant: 12,
    what: 'a row that a refusal touched',
    sql: `UPDATE memberships SET category = 'touched' WHERE book_id = $book`,
  },
]

/** Tries each; `missed` names those that nobody noticed. */
export async function tamperings(world: World): Promise<{ tried: number; missed: string[] }> {
  const [debt] = await openDebts(world, 1)
  if (debt === undefined) throw new Error('no debt to tamper with')
  const random = makeRandom(1)
  const client = makeLedgerClient({ call: world.callDirectly, random })
  for (let n = 0; n < 4; n += 1) await client.enter(intentOf([debt], n, random, 'tamper'))
  const missed: string[] = []
  for (const { invariant, what, sql } of tricks) {
    const named = await afterTampering(world, sql.replaceAll('$book', `'${debt.id}'`), debt.id)
    if (!named.includes(invariant)) missed.push(`${what} (invariant ${invariant})`)
  }
  return { tried: tricks.length, missed }
}

/** The invariants that are named broken while the trick is played; then it is taken back. */
async function afterTampering(world: World, sql: string, bookId: string): Promise<number[]> {
  const connection: Connection = await world.admin.connect()
  try {
    const before = await fingerprint(connection, [bookId])
    await connection.query('BEGIN')
    await connection.query(sql)
    const found = [
      ...(await audit(connection, [bookId])),
      ...(await rightsTooMany(connection)),
      ...(await sharedNames(connection)),
    ].map(({ invariant }) => invariant)
    return (await fingerprint(connection, [bookId])) === before ? found : [...found, 12]
  } finally {
    await connection.query('ROLLBACK')
    connection.release()
  }
}
