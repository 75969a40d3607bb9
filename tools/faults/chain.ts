// A verifier of the hash chain, written from its description in ARCHITECTURE.md alone.
import { createHash } from 'node:crypto'
import type { Pool } from '@quits/kit/postgres'

export interface ChainRow {
  book: string
  seq: number
  /** The canonical form, line by line. */
  fields: string[]
  prev_hash: string
  hash: string
  words_hash: string | null
  salt: string | null
  words: (string | null)[] | null
}

const genesis = '00'.repeat(32)

/** The rows of these books, in order. */
export async function chainRows(
  reader: Pick<Pool, 'query'>,
  bookIds: string[],
): Promise<ChainRow[]> {
  const { rows } = await reader.query<ChainRow>(
    `SELECT t.book_id::text AS book, t.seq, ARRAY['quits.journal.v1', t.book_id::text, t.seq::text,
       t.kind, t.status, t.entered_by::text, t.occurred_on::text, t.amount_minor::text, b.currency,
       t.balance_minor::text, coalesce(t.resolves::text, ''), coalesce(t.reverses::text, ''),
       coalesce(t.bundle::text, ''), coalesce(encode(t.words_hash, 'hex'), ''),
       to_char(t.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
       coalesce((SELECT string_agg(p.debit || '>' || p.credit || ':' || p.amount_minor, ','
         ORDER BY p.no) FROM unnest(t.postings) WITH ORDINALITY
           AS p (debit, credit, amount_minor, no)), '')
     ] AS fields, encode(t.prev_hash, 'hex') AS prev_hash, encode(t.hash, 'hex') AS hash,
       encode(t.words_hash, 'hex') AS words_hash, encode(w.salt, 'hex') AS salt,
       CASE WHEN w.book_id IS NULL THEN NULL
         ELSE ARRAY[w.note, w.reason, w.suggested_minor::text] END AS words
     FROM transactions t JOIN books b USING (book_id)
     LEFT JOIN transaction_words w ON (w.book_id, w.seq) = (t.book_id, t.seq)
     WHERE t.book_id = ANY($1) ORDER BY t.book_id, t.seq`,
    [bookIds],
  )
  return rows
}

/** Names every row that does not cover the one before it, itself, or its words. */
export function brokenRows(rows: ChainRow[]): string[] {
  return rows.flatMap((row, index) => {
    const before = rows[index - 1]
    const expected = before?.book === row.book ? before.hash : genesis
    const faults: string[] = []
    if (row.prev_hash !== expected) faults.push('does not follow the row before it')
    if (row.hash !== sha256(row.prev_hash, row.fields.join('\n'))) faults.push('was changed')
    if (row.salt !== null && row.words_hash !== sha256(row.salt, JSON.stringify(row.words))) {
      faults.push('has other words')
    }
    return faults.map((fault) => `row ${row.book}:${row.seq} ${fault}`)
  })
}

const sha256 = (hex: string, text: string) =>
  createHash('sha256').update(Buffer.from(hex, 'hex')).update(text).digest('hex')

export const brokenChains = async (reader: Pick<Pool, 'query'>, bookIds: string[]) =>
  brokenRows(await chainRows(reader, bookIds))
