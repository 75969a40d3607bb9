/** Sums of what one person is owed and owes: always the sum of the postings, from the accounts. */
import type { Connection } from '@quits/kit/postgres'
import { filteredDebts, filterValues } from './debt-filter.ts'
import type { DebtsFilter } from './shapes.ts'

type Reader = Pick<Connection, 'query'>

export interface Total {
  currency: string
  owed: string
  owing: string
  pendingIn: string
  pendingOut: string
}

/** Per currency; a currency without any amount is left out. */
export const totalsOf = async (reader: Reader, userId: string): Promise<Total[]> => {
  const { rows } = await reader.query<Total>({
    name: 'totals-of',
    text: `SELECT a.currency,
             coalesce(sum(a.posted_minor) FILTER (WHERE a.posted_minor > 0), 0)::text AS owed,
             coalesce(-sum(a.posted_minor) FILTER (WHERE a.posted_minor < 0), 0)::text AS owing,
             sum(a.pending_in_minor)::text AS "pendingIn",
             sum(a.pending_out_minor)::text AS "pendingOut"
           FROM memberships m
           JOIN participants p ON p.book_id = m.book_id AND p.user_id = m.user_id
           JOIN accounts a ON a.book_id = m.book_id AND a.participant = p.no
           WHERE m.user_id = $1
           GROUP BY a.currency
           HAVING bool_or(a.posted_minor <> 0 OR a.pending_in_minor <> 0
             OR a.pending_out_minor <> 0)
           ORDER BY a.currency`,
    values: [userId],
  })
  return rows
}

/** The same sums over the debts of a list, without what is pending. */
export const totalsOfList = async (
  reader: Reader,
  userId: string,
  filter: DebtsFilter,
): Promise<Omit<Total, 'pendingIn' | 'pendingOut'>[]> => {
  const { rows } = await reader.query<Total>({
    name: 'totals-of-list',
    text: `WITH listed AS (SELECT m.book_id, me.no ${filteredDebts})
           SELECT a.currency,
             coalesce(sum(a.posted_minor) FILTER (WHERE a.posted_minor > 0), 0)::text AS owed,
             coalesce(-sum(a.posted_minor) FILTER (WHERE a.posted_minor < 0), 0)::text AS owing
           FROM listed JOIN accounts a ON a.book_id = listed.book_id AND a.participant = listed.no
           GROUP BY a.currency HAVING bool_or(a.posted_minor <> 0) ORDER BY a.currency`,
    values: filterValues(userId, filter),
  })
  return rows
}

export interface PersonTotal extends Total {
  id: string
  name: string
  /** What is owed less what is owing. */
  net: string
  /** By the reader. */
  blocked: boolean
}

/** Everybody who agreed to share a debt with this person, by name, with what is between them. */
export const peopleOf = async (
  reader: Reader,
  userId: string,
  page: { after: { name: string; id: string } | undefined; limit: number; id?: string },
): Promise<PersonTotal[]> => {
  const { rows } = await reader.query<PersonTotal>({
    name: 'people-of',
    text: `WITH shared AS (
             SELECT other.user_id AS id, a.currency, a.posted_minor, a.pending_in_minor,
               a.pending_out_minor
             FROM memberships m
             JOIN participants me ON me.book_id = m.book_id AND me.user_id = m.user_id
             JOIN participants other ON other.book_id = m.book_id AND other.no <> me.no
               AND other.seat = 'joined'
             JOIN accounts a ON a.book_id = m.book_id AND a.participant = me.no
             WHERE m.user_id = $1 AND ($5::uuid IS NULL OR other.user_id = $5)
           ), page AS (
             SELECT u.id, u.name FROM users u WHERE u.id IN (SELECT id FROM shared)
               AND ($2::text IS NULL OR (u.name, u.id) > ($2, $3::uuid))
             ORDER BY u.name, u.id LIMIT $4
           )
           SELECT page.id, page.name, coalesce(r.blocked, false) AS blocked, s.currency,
             coalesce(sum(s.posted_minor) FILTER (WHERE s.posted_minor > 0), 0)::text AS owed,
             coalesce(-sum(s.posted_minor) FILTER (WHERE s.posted_minor < 0), 0)::text AS owing,
             sum(s.posted_minor)::text AS net, sum(s.pending_in_minor)::text AS "pendingIn",
             sum(s.pending_out_minor)::text AS "pendingOut"
           FROM page JOIN shared s USING (id)
           LEFT JOIN relations r ON r.user_id = $1 AND r.towards_id = page.id
           GROUP BY page.id, page.name, r.blocked, s.currency ORDER BY page.name, page.id, s.currency`,
    values: [userId, page.after?.name ?? null, page.after?.id ?? null, page.limit, page.id ?? null],
  })
  return rows
}
