/**
 * What a list of debts is narrowed to, as SQL: the list and its totals are made from the same text, so
 * that they cannot speak of different debts. `$1` is the reader, `$2` to `$11` the filters; null asks
 * nothing.
 */
import type { DebtsFilter } from './shapes.ts'

/** From the reader's memberships `m` to book `b`, both seats `me` and `other`, and the words `d`. */
export const filteredDebts = `FROM memberships m
  JOIN books b ON b.book_id = m.book_id
  JOIN participants me ON me.book_id = m.book_id AND me.user_id = m.user_id
  JOIN participants other ON other.book_id = m.book_id AND other.no <> me.no
  LEFT JOIN users u ON u.id = other.user_id AND other.seat = 'joined'
  LEFT JOIN debt_words d ON d.book_id = m.book_id
  WHERE m.user_id = $1
    AND ($2::text IS NULL OR me.role = $2)
    AND ($3::text IS NULL OR b.status = $3)
    AND ($4::uuid IS NULL OR (other.user_id = $4 AND other.seat = 'joined'))
    AND ($5::text IS NULL OR b.currency = $5)
    AND ($6::text IS NULL OR m.category = $6)
    AND ($7::text IS NULL OR strpos(lower(d.description), lower($7)) > 0
      OR strpos(lower(coalesce(u.name, other.name)), lower($7)) > 0)
    AND ($8::boolean IS NULL OR (m.archived_at IS NOT NULL) = $8)
    AND (coalesce($9::date, $10::date) IS NULL OR EXISTS (
      SELECT FROM transactions o WHERE o.book_id = m.book_id AND o.seq = 1
        AND ($9 IS NULL OR o.occurred_on >= $9) AND ($10 IS NULL OR o.occurred_on <= $10)))
    AND ($11::boolean IS NULL OR (b.pending_count > 0 AND EXISTS (
      SELECT FROM transactions w WHERE w.book_id = m.book_id AND w.status = 'pending'
        AND w.entered_by <> $1 AND NOT EXISTS (
          SELECT FROM transactions r WHERE r.book_id = w.book_id AND r.resolves = w.seq))))`

/** The values of `$1` to `$11`. */
export const filterValues = (userId: string, filter: DebtsFilter): unknown[] => [
  userId,
  filter.role ?? null,
  filter.status ?? null,
  filter.person ?? null,
  filter.currency ?? null,
  filter.category ?? null,
  filter.q ?? null,
  filter.archived === 'any' ? null : filter.archived === 'true',
  filter.from ?? null,
  filter.to ?? null,
  filter.waiting === 'me' ? true : null,
]
