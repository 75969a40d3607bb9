/** Reads debts for one person, and keeps the rows beside the heart: words, memberships, addresses. */
import type { Connection } from '@quits/kit/postgres'
import { loadBooks } from '../transactions/load.ts'
import { namesOf } from '../users/people.ts'
import type { Debt } from './debt.ts'
import type { DebtsQuery } from './shapes.ts'

type Reader = Pick<Connection, 'query'>

interface MembershipRow {
  book_id: string
  created_at: Date
  description: string | null
  due_on: string | null
  category: string | null
  archived_at: Date | null
}

const membershipColumns = `m.book_id, m.created_at, d.description, d.due_on, m.category,
  m.archived_at`

const debtsOf = async (reader: Reader, rows: MembershipRow[]): Promise<Debt[]> => {
  const ids = rows.map(({ book_id }) => book_id)
  const found = await loadBooks(reader, ids)
  const books = new Map(found.map((book) => [book.id, book]))
  const userIds = [...books.values()].flatMap(({ participants }) =>
    participants.flatMap(({ userId }) => userId ?? []),
  )
  const names = await namesOf(reader, userIds)
  return rows.flatMap((row) => {
    const book = books.get(row.book_id)
    if (book === undefined) return []
    return [
      {
        book,
        description: row.description ?? '',
        dueOn: row.due_on ?? undefined,
        category: row.category ?? undefined,
        archived: row.archived_at !== null,
        names,
      },
    ]
  })
}

/** The user's debt, or undefined: one that is not theirs looks like none. */
export const debtOf = async (
  reader: Reader,
  userId: string,
  bookId: string,
): Promise<Debt | undefined> => {
  const { rows } = await reader.query<MembershipRow>({
    name: 'debt-of',
    text: `SELECT ${membershipColumns} FROM memberships m LEFT JOIN debt_words d USING (book_id)
           WHERE m.user_id = $1 AND m.book_id = $2`,
    values: [userId, bookId],
  })
  const [debt] = await debtsOf(reader, rows)
  return debt
}

/** One page of the user's debts, newest first, below `before`. */
export const listDebts = async (
  reader: Reader,
  userId: string,
  query: DebtsQuery,
  before: { createdAt: string; bookId: string } | undefined,
): Promise<Debt[]> => {
  const { rows } = await reader.query<MembershipRow>({
    name: 'list-debts',
    text: `SELECT ${membershipColumns}
           FROM memberships m
           JOIN books b USING (book_id)
           JOIN participants me ON me.book_id = m.book_id AND me.user_id = m.user_id
           JOIN participants other ON other.book_id = m.book_id AND other.no <> me.no
           LEFT JOIN users u ON u.id = other.user_id AND other.seat = 'joined'
           LEFT JOIN debt_words d ON d.book_id = m.book_id
           WHERE m.user_id = $1
             AND ($2::timestamptz IS NULL OR (m.created_at, m.book_id) < ($2, $3::uuid))
             AND ($4::text IS NULL OR me.role = $4)
             AND ($5::text IS NULL OR b.status = $5)
             AND ($6::uuid IS NULL OR (other.user_id = $6 AND other.seat = 'joined'))
             AND ($7::text IS NULL OR strpos(lower(d.description), lower($7)) > 0
               OR strpos(lower(coalesce(u.name, other.name)), lower($7)) > 0)
           ORDER BY m.created_at DESC, m.book_id DESC LIMIT $8`,
    values: [
      userId,
      before?.createdAt ?? null,
      before?.bookId ?? null,
      query.role ?? null,
      query.status ?? null,
      query.person ?? null,
      query.q ?? null,
      query.limit,
    ],
  })
  return debtsOf(reader, rows)
}

export const countDebts = async (reader: Reader, userId: string): Promise<number> => {
  const { rows } = await reader.query<{ count: number }>({
    name: 'count-debts',
    text: 'SELECT count(*)::int AS count FROM memberships WHERE user_id = $1',
    values: [userId],
  })
  return rows[0]?.count ?? 0
}

/** The rows beside a new book: its words, who sees it, and the address that is asked to it. */
export const addDebt = async (
  connection: Connection,
  debt: {
    bookId: string
    createdAt: string
    ownerId: string
    category: string | undefined
    otherId: string | undefined
    waitingAddress: string | undefined
    description: string
    dueOn: string | undefined
  },
): Promise<void> => {
  await connection.query({
    name: 'add-debt-words',
    text: 'INSERT INTO debt_words (book_id, description, due_on) VALUES ($1, $2, $3)',
    values: [debt.bookId, debt.description, debt.dueOn ?? null],
  })
  await addMembership(connection, debt.ownerId, debt, debt.category)
  if (debt.otherId !== undefined) await addMembership(connection, debt.otherId, debt, undefined)
  if (debt.waitingAddress !== undefined) {
    await connection.query({
      name: 'add-waiting',
      text: 'INSERT INTO waiting (address, book_id) VALUES ($1, $2)',
      values: [debt.waitingAddress, debt.bookId],
    })
  }
}

export const addMembership = async (
  connection: Connection,
  userId: string,
  debt: { bookId: string; createdAt: string },
  category: string | undefined,
): Promise<void> => {
  await connection.query({
    name: 'add-membership',
    text: `INSERT INTO memberships (user_id, created_at, book_id, category)
           VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
    values: [userId, debt.createdAt, debt.bookId, category ?? null],
  })
}

/** Books that wait for somebody of this address; the rows are taken out. */
export const takeWaiting = async (connection: Connection, address: string): Promise<string[]> => {
  const { rows } = await connection.query<{ book_id: string }>({
    name: 'take-waiting',
    text: 'DELETE FROM waiting WHERE address = $1 RETURNING book_id',
    values: [address],
  })
  return rows.map(({ book_id }) => book_id).sort()
}
