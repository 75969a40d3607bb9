// Reading a long history: the page's cost must not know where in the history it is, nor how much
// else is in the table.
import {
  entriesOf,
  entryColumns,
  entryJoins,
} from '../../../expenses-service/src/transactions/entry-store.ts'
import { treeCpuUs } from '../cpu.ts'
import { dropDatabase, withClient } from '../databases.ts'
import type { Expenses } from '../ground.ts'
import { median, type Row, rowOf } from '../rows.ts'
import { runWrk } from '../wrk.ts'
import { faultsOf } from './check.ts'
import { fillLedger, type LedgerSize, size } from './data.ts'
import { lengthen } from './entries.ts'
import { writeGetScript } from './load.ts'
import type { Bench, Section } from './section.ts'

const longEntries = 10_000
const otherEntries = 50
const passes = 7
const readSecondsMax = 5
const connections = 16
const pageLength = 50
/** One of them takes seconds. */
const offsetTries = 4

const ids = { pages: 'R1', offset: 'R1b', table: 'R1c' }

/** One debt with 10,000 entries, alone in its table and among a million others. */
export const readSection: Section = {
  ids: Object.values(ids),
  long: false,
  async measure(bench) {
    const { ground, plan } = bench
    const [caller] = bench.callers
    const [bookId] = caller?.debtIds ?? []
    if (caller === undefined || bookId === undefined) throw new Error('no caller')
    plan.say('filling a table of 10,000 rows and one of 1,000,000')
    const few = await fillTable(bench, 'bench_few', { people: 1, debts: 1 })
    const many = await fillTable(bench, 'bench_many', size)
    const script = writeGetScript(bench.folder, 'read', caller.token)
    const first = `/v1/debts/${bookId}/transactions?limit=${pageLength}`
    const last = `${first}&cursor=${Buffer.from(JSON.stringify([String(pageLength + 1)])).toString('base64url')}`

    const rounds: Round[] = []
    for (const one of [few, many]) await costOf(bench, one, script, last) // to warm up
    for (let round = 1; round <= plan.rounds; round += 1) {
      plan.say(`reading, round ${round} of ${plan.rounds}`)
      rounds.push({
        first: await costOf(bench, many, script, first),
        last: await costOf(bench, many, script, last),
        lastOfFew: await costOf(bench, few, script, last),
        offset: await offsetRatio(many.databaseUrl, bookId),
      })
    }
    const faults: string[] = []
    for (const { databaseUrl, stop } of [few, many]) {
      await stop()
      faults.push(...(await faultsOf(databaseUrl)))
      await dropDatabase(ground.postgres.url, new URL(databaseUrl).pathname.slice(1))
    }
    return {
      rows: rowsOf(rounds).filter(({ id }) => plan.wants(id)),
      figures: {
        'Node µs per page of 50 entries': median(rounds.map(({ last: { nodeUs } }) => nodeUs)),
        'Postgres µs per page of 50 entries': median(
          rounds.map(({ last: { postgresUs } }) => postgresUs),
        ),
      },
      faults,
    }
  },
}

interface Round {
  first: PageCost
  last: PageCost
  lastOfFew: PageCost
  offset: number
}

const rowsOf = (rounds: Round[]): Row[] => [
  rowOf({
    id: ids.pages,
    what: 'CPU of the last page ÷ the first, debt of 10,000 entries',
    goal: 1.2,
    better: 'lower',
    rounds: rounds.map(({ last, first }) => pageUs(last) / pageUs(first)),
  }),
  rowOf({
    id: ids.offset,
    what: 'time of an OFFSET query of the last page ÷ ours by key',
    goal: 20,
    better: 'higher',
    rounds: rounds.map(({ offset }) => offset),
  }),
  rowOf({
    id: ids.table,
    what: 'CPU of a page, 1,000,000 rows in the table ÷ 10,000',
    goal: 1.2,
    better: 'lower',
    rounds: rounds.map(({ last, lastOfFew }) => pageUs(last) / pageUs(lastOfFew)),
  }),
]

async function fillTable({ ground }: Bench, name: string, of: LedgerSize): Promise<Expenses> {
  const databaseUrl = await ground.makeDatabase(name)
  const [longOne = '', ...others] = await fillLedger(databaseUrl, of)
  await lengthen(databaseUrl, { bookIds: [longOne], upTo: longEntries, passes })
  await lengthen(databaseUrl, { bookIds: others, upTo: otherEntries, passes })
  return ground.startExpenses({ relay: false, beside: { name, databaseUrl } })
}

interface PageCost {
  nodeUs: number
  postgresUs: number
}

const pageUs = ({ nodeUs, postgresUs }: PageCost) => nodeUs + postgresUs

/** CPU of service and database per page. */
async function costOf(
  { ground, plan }: Bench,
  expenses: Expenses,
  script: string,
  path: string,
): Promise<PageCost> {
  const node = treeCpuUs(expenses.pid)
  const postgres = treeCpuUs(ground.postgres.pid)
  const seconds = Math.min(plan.seconds, readSecondsMax)
  const url = expenses.url + path
  const run = await runWrk(ground.programs.wrk, { url, script, connections, seconds })
  if (run.refused > 0) throw new Error(`${run.refused} reads were refused`)
  return {
    nodeUs: (treeCpuUs(expenses.pid) - node) / run.requests,
    postgresUs: (treeCpuUs(ground.postgres.pid) - postgres) / run.requests,
  }
}

/** The page as somebody reads it who counts rows: the same columns and joins, another way to the place. */
const byOffset = `SELECT ${entryColumns} FROM transactions t ${entryJoins}
  WHERE t.book_id = $1 ORDER BY t.seq DESC LIMIT $2
  OFFSET (SELECT last_seq - $2 FROM books WHERE book_id = $1)`

/** How much longer an OFFSET query takes for the same page; the two take turns. */
const offsetRatio = (url: string, bookId: string): Promise<number> =>
  withClient(url, async (client) => {
    const timed = async (read: () => Promise<unknown>) => {
      const startedAt = performance.now()
      await read()
      return performance.now() - startedAt
    }
    const counted = { name: 'by-offset', text: byOffset, values: [bookId, pageLength] }
    const page = { bookId, beforeSeq: pageLength + 1, limit: pageLength }
    const keyMs: number[] = []
    const offsetMs: number[] = []
    for (let index = 0; index < offsetTries; index += 1) {
      offsetMs.push(await timed(() => client.query(counted)))
      keyMs.push(await timed(() => entriesOf(client, page)))
    }
    return median(offsetMs) / median(keyMs)
  })
