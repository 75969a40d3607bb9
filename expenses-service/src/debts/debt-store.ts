/** Reads debts for one person, and keeps the rows beside the heart: words, memberships, addresses. */
import type { Connection } from '@quits/kit/postgres'
import { texts, timestamptzs, uuids } from '../column.ts'
import { limits } from '../limits.ts'
import { inserting } from '../statement.ts'
import { loadBooks } from '../transactions/load.ts'
import { namesOf } from '../users/people.ts'
import type { Debt } from './debt.ts'
import { filteredDebts, filterValues } from './debt-filter.ts'
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
    text: `SELECT ${membershipColumns} ${filteredDebts}
             AND ($12::timestamptz IS NULL OR (m.created_at, m.book_id) < ($12, $13::uuid))
           ORDER BY m.created_at DESC, m.book_id DESC LIMIT $14`,
    values: [
      ...filterValues(userId, query),
      before?.createdAt ?? null,
      before?.bookId ?? null,
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

/**
 * The rows beside a new book: its words, who sees it, and the address that is asked to it. An address
 * for which as many debts wait as can keeps those it has. The newest waits for nobody then, and its
 * owner is not told: an address with an account has nothing that waits, so a refusal would name it.
 */
export const addDebt = async (
  connection: Connection,
  debt: {
    bookId: string
    createdAt: string
    ownerId: string
    category: string | undefined
    otherCategory: string | undefined
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
  if (debt.otherId !== undefined) {
    await addMembership(connection, debt.otherId, debt, debt.otherCategory)
  }
  if (debt.waitingAddress !== undefined) {
    await connection.query({
      name: 'add-waiting',
      text: `INSERT INTO waiting (address, book_id) SELECT $1, $2::uuid
             WHERE (SELECT count(*) FROM waiting WHERE address = $1) < $3`,
      values: [debt.waitingAddress, debt.bookId, limits.waitingPerAddressMax],
    })
  }
}

export const addMembership = async (
  connection: Connection,
  userId: string,
  debt: { bookId: string; createdAt: string },
  category: string | undefined,
): Promise<void> => {
  await addMemberships(connection, userId, [{ ...debt, category }])
}

const insertMemberships = inserting<Membership>(
  'memberships',
  {
    user_id: uuids(({ userId }) => userId),
    created_at: timestamptzs(({ createdAt }) => createdAt),
    book_id: uuids(({ bookId }) => bookId),
    category: texts(({ category }) => category),
  },
  'ON CONFLICT DO NOTHING',
)

interface Membership {
  userId: string
  createdAt: string
  bookId: string
  category: string | undefined
}

/** The user sees these debts from now on. */
export const addMemberships = async (
  connection: Connection,
  userId: string,
  debts: Omit<Membership, 'userId'>[],
): Promise<void> => {
  const memberships = debts.map((debt) => ({ userId, ...debt }))
  for (const statement of insertMemberships(memberships)) await connection.query(statement)
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

/** Changes what a debt is called and when it is due; answers the instant, by the database's clock. */
export const saveDebtWords = async (
  connection: Connection,
  words: { bookId: string; description: string; dueOn: string | undefined },
): Promise<string> => {
  const { rows } = await connection.query<{ at: Date }>({
    name: 'save-debt-words',
    text: `INSERT INTO debt_words (book_id, description, due_on) VALUES ($1, $2, $3)
           ON CONFLICT (book_id) DO UPDATE
             SET description = excluded.description, due_on = excluded.due_on
           RETURNING clock_timestamp() AS at`,
    values: [words.bookId, words.description, words.dueOn ?? null],
  })
  return (rows[0]?.at ?? new Date(0)).toISOString()
}

export const saveCategory = async (
  connection: Connection,
  userId: string,
  bookId: string,
  category: string | undefined,
): Promise<void> => {
  await connection.query({
    name: 'save-category',
    text: 'UPDATE memberships SET category = $3 WHERE user_id = $1 AND book_id = $2',
    values: [userId, bookId, category ?? null],
  })
}

/** Puts a debt away for one person, or takes it back out. Repeating it changes nothing. */
export const saveArchived = async (
  reader: Reader,
  userId: string,
  bookId: string,
  archived: boolean,
): Promise<void> => {
  await reader.query({
    name: 'save-archived',
    text: `UPDATE memberships SET archived_at = CASE WHEN $3 THEN coalesce(archived_at, now()) END
           WHERE user_id = $1 AND book_id = $2`,
    values: [userId, bookId, archived],
  })
}
