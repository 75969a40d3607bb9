/** A ledger with three people in it, for integration tests of debts. */
import type { BookEvent } from '@quits/proto/books'
import { expect } from 'vitest'
import { makeTestDatabase } from './database.ts'
import { makePerson, type Person, serveDebts } from './people.ts'

/** Tables of the ledger itself. */
const history = ['books', 'participants', 'transactions']

export const eur = (minor: string) => ({ minor, currency: 'EUR' })

export type Scene = Awaited<ReturnType<typeof setScene>>

/** Ana, Bo and Eve on a database of their own. Call `close` in afterAll. */
export const setScene = async (settings: { firstContactsPerDay?: number } = {}) => {
  const database = await makeTestDatabase()
  const server = await serveDebts({ ...database, ...settings })
  const ana = await makePerson(database.admin, 'Ana')
  const bo = await makePerson(database.admin, 'Bo')
  const eve = await makePerson(database.admin, 'Eve')

  /** Ana writes down that somebody owes her. */
  const lend = (to: Record<string, unknown>, minor = '4000', headers = {}) =>
    server.request(
      ana,
      'POST',
      '/v1/debts',
      { role: 'lender', counterparty: to, opening: eur(minor), description: 'groceries' },
      headers,
    )
  const post = (person: Person, path: string, body: unknown = {}, headers = {}) =>
    server.request(person, 'POST', path, body, headers)

  const textOf = async (tables: string[]): Promise<string> => {
    const results = await Promise.all(
      tables.map((table) => database.admin.query(`SELECT t::text FROM ${table} t ORDER BY 1`)),
    )
    return JSON.stringify(results.map(({ rows }) => rows))
  }

  return {
    ...database,
    origin: server.origin,
    request: server.request,
    jobsKey: server.jobsKey,
    post,
    get: (person: Person, path: string) => server.request(person, 'GET', path),
    ana,
    bo,
    eve,
    lend,
    /** Bo owes Ana 40.00 EUR, and agreed to it. The debt's id. */
    async openDebtWithBo(): Promise<string> {
      const { body } = await lend({ email: bo.email })
      const id = String(body['id'])
      const accepted = await post(bo, `/v1/debts/${id}/accept`)
      expect(accepted.status).toBe(200)
      return id
    },
    /** From now on `who` blocks `whom`, or no longer does. */
    block: (who: Person, whom: Person, blocked = true) =>
      database.admin.query(
        `INSERT INTO relations (user_id, towards_id, blocked) VALUES ($1, $2, $3)
         ON CONFLICT (user_id, towards_id) DO UPDATE SET blocked = excluded.blocked`,
        [who.userId, whom.userId, blocked],
      ),
    /** All debts and entries, as one text. */
    history: () => textOf(history),
    /** Everything the ledger holds, as one text: a refusal must leave it as it was. */
    ledger: () => textOf([...history, 'outbox_events']),
    /** What the outbox has of one debt, in order. */
    async eventsOf(debtId: string): Promise<BookEvent[]> {
      const { rows } = await database.admin.query<{ event: string }>(
        'SELECT event FROM outbox_events WHERE key = $1 ORDER BY id, no',
        [debtId],
      )
      return rows.map(({ event }) => JSON.parse(event) as BookEvent)
    },
    async close(): Promise<void> {
      await server.close()
      await database.drop()
    },
  }
}
