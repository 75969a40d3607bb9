// Is the ledger right after the load? A fast wrong run counts as zero. Nothing here is shared with
// the writer: every hash is made again by Postgres from the canonical form of ARCHITECTURE.md.
import type pg from 'pg'
import { withClient } from '../databases.ts'

const faults = {
  'a balance is not the sum of its postings': `
    SELECT count(*) FROM accounts a LEFT JOIN (
      SELECT book_id, no, sum(minor) AS minor FROM (
        SELECT book_id, debit AS no, amount_minor AS minor FROM postings
        UNION ALL SELECT book_id, credit, -amount_minor FROM postings) both_sides
      GROUP BY book_id, no) p ON p.book_id = a.book_id AND p.no = a.no
    WHERE a.posted_minor <> coalesce(p.minor, 0)`,
  'a book does not sum to zero': `
    SELECT count(*) FROM (
      SELECT FROM accounts GROUP BY book_id HAVING sum(posted_minor) <> 0) unbalanced`,
  'a row does not follow the one before it': `
    SELECT count(*) FROM (
      SELECT seq, prev_hash, lag(hash) OVER book AS before, row_number() OVER book AS place
      FROM transactions WINDOW book AS (PARTITION BY book_id ORDER BY seq)) chained
    WHERE seq <> place OR prev_hash <> coalesce(before, decode(repeat('00', 32), 'hex'))`,
  'a row does not have the hash of its canonical form': `
    SELECT count(*) FROM transactions t JOIN books b USING (book_id)
    WHERE t.hash <> sha256(t.prev_hash || convert_to(concat_ws(E'\\n', 'quits.journal.v1',
      t.book_id, t.seq, t.kind, t.status, t.entered_by, t.occurred_on, t.amount_minor, b.currency,
      t.balance_minor, coalesce(t.resolves::text, ''), coalesce(t.reverses::text, ''),
      coalesce(t.bundle::text, ''), coalesce(encode(t.words_hash, 'hex'), ''),
      to_char(t.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
      coalesce((SELECT string_agg(p.debit || '>' || p.credit || ':' || p.amount_minor, ','
        ORDER BY p.no) FROM unnest(t.postings) WITH ORDINALITY
          AS p (debit, credit, amount_minor, no)), '')),
      'UTF8'))`,
  'a book does not end where its journal ends': `
    SELECT count(*) FROM books b LEFT JOIN transactions t
      ON t.book_id = b.book_id AND t.seq = b.last_seq AND t.hash = b.last_hash
    WHERE t.seq IS NULL
      OR EXISTS (SELECT FROM transactions n WHERE n.book_id = b.book_id AND n.seq > b.last_seq)`,
}

/** Names what is wrong; nothing when all is right. */
export const faultsOf = (url: string): Promise<string[]> => withClient(url, faultsSeenBy)

/** The same as one connection sees it. */
export async function faultsSeenBy(client: Pick<pg.Client, 'query'>): Promise<string[]> {
  const found: string[] = []
  for (const [fault, query] of Object.entries(faults)) {
    const { rows } = await client.query<{ count: string }>(query)
    if (Number(rows[0]?.count) > 0) found.push(`${fault} (${rows[0]?.count} times)`)
  }
  return found
}

/**
 * How many entries stand. The books tell, because counting ten million rows would cost more than what is
 * measured; that the books tell the truth is checked above.
 */
export const countEntries = (url: string): Promise<number> =>
  countBy(url, 'SELECT coalesce(sum(last_seq), 0)::int AS count FROM books')

/** How many events wait, without reading them. */
export const countEvents = (url: string): Promise<number> =>
  countBy(url, 'SELECT coalesce(sum(count), 0)::int AS count FROM outbox_batches')

/** In how many rows they wait: cheap enough to be asked while something is measured. */
export const countBatches = (url: string): Promise<number> =>
  countBy(url, 'SELECT count(*)::int AS count FROM outbox_batches')

const countBy = (url: string, query: string): Promise<number> =>
  withClient(url, async (client) => {
    const { rows } = await client.query<{ count: number }>(query)
    return rows[0]?.count ?? 0
  })
