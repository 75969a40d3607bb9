/** What a bundle is as a whole: an answer to one of its rows answers all of them. */
import type { Pool } from '@quits/kit/postgres'
import { uuidArray } from '../column.ts'
import type { Stretch } from './together.ts'

/** A payment over a thousand debts comes as a row or two: the sums are made where the rows are. */
export const stretchesOf = async (
  reader: Pick<Pool, 'query'>,
  bundles: string[],
): Promise<Stretch[]> => {
  const { rows } = await reader.query<{
    id: string
    kind: string
    undone_kind: string | null
    no: number
    entries: number
    sum_minor: string
    currency: string
    debts: number
  }>({
    name: 'stretches-of',
    text: `SELECT x.id, t.kind, undone.kind AS undone_kind, asked.no, b.currency,
             count(*)::int AS entries, sum(t.amount_minor)::text AS sum_minor,
             (SELECT count(DISTINCT y.book_id)::int FROM bundles y WHERE y.id = x.id) AS debts
           FROM bundles x
           JOIN transactions t ON t.book_id = x.book_id AND t.seq = x.seq
           JOIN books b ON b.book_id = x.book_id
           JOIN participants asked ON asked.book_id = x.book_id
             AND asked.user_id IS DISTINCT FROM t.entered_by
           LEFT JOIN transactions undone ON undone.book_id = t.book_id AND undone.seq = t.reverses
           WHERE x.id = ANY($1::uuid[]) AND t.resolves IS NULL
           GROUP BY x.id, t.kind, undone.kind, asked.no, b.currency`,
    values: [uuidArray(bundles)],
  })
  return rows.map((row) => ({
    bundle: row.id,
    kind: row.kind,
    undoneKind: row.undone_kind ?? undefined,
    askedNo: row.no,
    entries: row.entries,
    sumMinor: BigInt(row.sum_minor),
    currency: row.currency,
    debts: row.debts,
  }))
}
