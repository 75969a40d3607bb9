// Entries by the million: the rows that the service would have written, made by its own rules and its
// own set-wise statements, without HTTP, queue and events. So whatever the tables look like, these rows
// look like all others; the check afterwards shares nothing with either.
import { randomBytes } from 'node:crypto'
// Sets how amounts are read: as bigint.
import '@quits/kit/postgres'
import type pg from 'pg'
import { append, type Book, type Draft } from '../../../expenses-service/src/transactions/book.ts'
import { loadBooks } from '../../../expenses-service/src/transactions/load.ts'
import { saving } from '../../../expenses-service/src/transactions/save.ts'
import { withClient } from '../databases.ts'

/** Rows of one COMMIT: enough to make a round trip cheap, little enough for one message. */
const rowsPerCommit = 10_000
const connections = 2
const amountMinor = 1_250n
const keyBytes = 12
const hashBytes = 32
const saltBytes = 16
const drawnBytes = keyBytes + hashBytes + saltBytes

/** Like the writer's connections: the planner would read all books to find a thousand. */
const settings = `SET synchronous_commit = off; SET enable_seqscan = off; SET enable_hashjoin = off;
  SET enable_mergejoin = off`

export interface Lengthening {
  /** Debts that have their opening entry and no other. */
  bookIds: string[]
  /** How many entries each of them has in the end. */
  upTo: number
  /** In a table that grew by use a debt's entries lie in many places: they come in this many passes. */
  passes: number
}

/** Appends advances by the borrower, each with key and words; then the tables are vacuumed. */
export async function lengthen(url: string, { bookIds, upTo, passes }: Lengthening): Promise<void> {
  const after = (pass: number) => 1 + Math.floor(((upTo - 1) * pass) / passes)
  for (let pass = 0; pass < passes; pass += 1) {
    const each = after(pass + 1) - after(pass)
    const chunks = chunked(bookIds, Math.max(1, Math.floor(rowsPerCommit / each))).values()
    const work = () =>
      withClient(url, async (client) => {
        await client.query(settings)
        for (const chunk of chunks) await lengthenSome(client, chunk, each)
      })
    await Promise.all(Array.from({ length: connections }, work))
  }
  await withClient(url, (client) => client.query('VACUUM ANALYZE'))
}

async function lengthenSome(client: pg.Client, bookIds: string[], each: number): Promise<void> {
  const at = new Date().toISOString()
  const changes = (await loadBooks(client, bookIds)).map((before) => {
    const appended = append(before, draftsFor(before, each, at), at)
    return { before, after: appended.at(-1)?.book ?? before, appended }
  })
  await client.query('BEGIN')
  for (const statement of saving(changes)) await client.query(statement)
  await client.query('COMMIT')
}

function draftsFor(book: Book, count: number, at: string): Draft[] {
  const borrower = book.participants.find(({ role }) => role === 'borrower')
  if (borrower?.userId === undefined) throw new Error(`${book.id} has no borrower`)
  const enteredBy = borrower.userId
  // Drawn at once: asking the system thrice for each row costs as much as sealing it.
  const drawn = randomBytes(count * drawnBytes)
  return Array.from({ length: count }, (_, index) => {
    const random = drawn.subarray(index * drawnBytes, (index + 1) * drawnBytes)
    return {
      kind: 'advance',
      status: 'posted' as const,
      enteredBy,
      occurredOn: at.slice(0, 10),
      amountMinor,
      postings: [{ debit: 1, credit: 2, amountMinor }],
      key: random.toString('hex', 0, keyBytes),
      requestHash: random.toString('hex', keyBytes, keyBytes + hashBytes),
      words: {
        salt: random.toString('hex', keyBytes + hashBytes),
        note: 'coffee and cake',
        reason: undefined,
        suggestedMinor: undefined,
      },
    }
  })
}

function chunked<T>(items: T[], size: number): T[][] {
  const chunks: T[][] = []
  for (let at = 0; at < items.length; at += size) chunks.push(items.slice(at, at + size))
  return chunks
}
