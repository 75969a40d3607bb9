/** Reads a book's chain with its postings, salts and words. */
import type { Connection } from '@quits/kit/postgres'
import { type EntryRow, entryColumns, entryJoins, readEntry } from '../transactions/entry-store.ts'
import type { ProvenRow } from './proof.ts'

interface ProvenEntryRow extends EntryRow {
  salt: string | null
  /** [debit, credit, minor units as digits] of each posting, in order. */
  postings: [number, number, string][]
}

/** Rows after `afterSeq` up to and with `lastSeq`, oldest first. */
export const provenRowsOf = async (
  connection: Pick<Connection, 'query'>,
  page: { bookId: string; afterSeq: number; lastSeq: number; limit: number },
): Promise<ProvenRow[]> => {
  const { rows } = await connection.query<ProvenEntryRow>({
    name: 'proven-rows-of',
    text: `SELECT ${entryColumns}, encode(w.salt, 'hex') AS salt,
             (SELECT coalesce(json_agg(json_build_array(p.debit, p.credit, p.amount_minor::text)
                ORDER BY p.no), '[]')
              FROM unnest(t.postings) WITH ORDINALITY AS p (debit, credit, amount_minor, no)
             ) AS postings
           FROM transactions t ${entryJoins}
           WHERE t.book_id = $1 AND t.seq > $2 AND t.seq <= $3 ORDER BY t.seq LIMIT $4`,
    values: [page.bookId, page.afterSeq, page.lastSeq, page.limit],
  })
  return rows.map(readProven)
}

const readProven = (found: ProvenEntryRow): ProvenRow => {
  const { row, note, reason, suggestedMinor } = readEntry(found)
  const postings = found.postings.map(([debit, credit, digits]) => ({
    debit,
    credit,
    amountMinor: BigInt(digits),
  }))
  return {
    row: { ...row, postings },
    words: found.salt === null ? undefined : { salt: found.salt, note, reason, suggestedMinor },
  }
}
