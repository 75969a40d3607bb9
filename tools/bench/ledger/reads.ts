// Reading a long history: the page's cost must not know where in the history it is.
import { treeCpuUs } from '../cpu.ts'
import type { Expenses } from '../ground.ts'
import { type Row, rowOf } from '../rows.ts'
import { runWrk } from '../wrk.ts'
import { withClient } from './check.ts'
import type { Caller } from './data.ts'
import type { Bench } from './post.ts'
import { writeGetScript } from './load.ts'

const longEntries = 10_000
const offsetTries = 40
const microseconds = 1_000

/** R1: first and last page of 50 of a debt with 10,000 entries, and the same page by OFFSET. */
export async function readRows(
  bench: Bench,
  expenses: Expenses,
  callers: Caller[],
): Promise<Row[]> {
  const { plan, ground } = bench
  const [caller] = callers
  const [bookId] = caller?.debtIds ?? []
  if (caller === undefined || bookId === undefined) throw new Error('no caller')
  plan.say('reading a long history')
  await lengthen(bench, expenses, bookId)
  const script = writeGetScript(bench.folder, 'read', caller.token)
  const page = `${expenses.url}/v1/debts/${bookId}/transactions?limit=50`
  const last = `${page}&cursor=${Buffer.from(JSON.stringify(['51'])).toString('base64url')}`

  const costOf = async (url: string): Promise<number> => {
    const before = treeCpuUs(expenses.pid) + treeCpuUs(ground.postgres.pid)
    const wrk = { url, script, connections: 16, seconds: Math.min(plan.seconds, 5) }
    const run = await runWrk(ground.programs.wrk, wrk)
    if (run.refused > 0) throw new Error(`${run.refused} reads were refused`)
    return (treeCpuUs(expenses.pid) + treeCpuUs(ground.postgres.pid) - before) / run.requests
  }
  const flat: number[] = []
  const byOffset: number[] = []
  for (let round = 0; round < plan.rounds; round += 1) {
    const first = await costOf(page)
    flat.push((await costOf(last)) / first)
    byOffset.push(
      (await offsetMs(ground.postgres.url, bookId)) / (await keysetMs(ground.postgres.url, bookId)),
    )
  }
  return [
    rowOf({
      id: 'R1',
      what: 'CPU of the last page ÷ the first, 10,000 entries',
      goal: 1.2,
      better: 'lower',
      rounds: flat,
    }),
    rowOf({
      id: 'R1b',
      what: 'time of an OFFSET query of the last page ÷ ours by key',
      goal: 20,
      better: 'higher',
      rounds: byOffset,
    }),
  ]
}

/** Posts until the debt is long: real rows, so the chain holds. */
async function lengthen(bench: Bench, expenses: Expenses, bookId: string): Promise<void> {
  for (;;) {
    const length = await withClient(bench.ground.postgres.url, async (client) => {
      const sql = 'SELECT last_seq FROM books WHERE book_id = $1'
      const { rows } = await client.query<{ last_seq: number }>(sql, [bookId])
      return rows[0]?.last_seq ?? 0
    })
    if (length >= longEntries) return
    await bench.post(expenses, bench.scripts.hot, 64)
  }
}

const pageColumns = `SELECT t.*, w.note, a.seq AS answer FROM transactions t
  LEFT JOIN transaction_words w ON w.book_id = t.book_id AND w.seq = t.seq
  LEFT JOIN transactions a ON a.book_id = t.book_id AND a.resolves = t.seq WHERE t.book_id = $1`

const keysetMs = (url: string, bookId: string) =>
  timed(url, `${pageColumns} AND t.seq < 51 ORDER BY t.seq DESC LIMIT 50`, bookId)
const offsetMs = (url: string, bookId: string) =>
  timed(
    url,
    `${pageColumns} ORDER BY t.seq DESC LIMIT 50
       OFFSET (SELECT last_seq - 50 FROM books WHERE book_id = $1)`,
    bookId,
  )

function timed(url: string, text: string, bookId: string): Promise<number> {
  return withClient(url, async (client) => {
    const startedAt = process.hrtime.bigint()
    for (let index = 0; index < offsetTries; index += 1) {
      await client.query({ name: 'page', text, values: [bookId] })
    }
    return Number(process.hrtime.bigint() - startedAt) / offsetTries / microseconds
  })
}
