// A ledger of ten million entries beside one of a hundred thousand: what does a POST cost there?
import { dropDatabase } from '../databases.ts'
import type { Expenses } from '../ground.ts'
import { median, rowOf } from '../rows.ts'
import { faultsOf } from './check.ts'
import { fillLedger, type LedgerSize, makeCallers } from './data.ts'
import { lengthen } from './entries.ts'
import { writePostScript } from './load.ts'
import { type PostRun, postUs } from './post.ts'
import type { Bench, Section } from './section.ts'

/** Debts and their histories both grow by ten. */
const small = { name: 'bench_small', people: 1_000, debts: 20_000, entriesEach: 5, passes: 2 }
const large = { name: 'bench_large', people: 1_000, debts: 200_000, entriesEach: 50, passes: 7 }
/** Short, so that the small one stays small: it grows by what is posted. */
const postSecondsMax = 3
const connections = 256
const id = 'growth'

interface Ledger {
  expenses: Expenses
  script: string
}

export const growthSection: Section = {
  ids: [id],
  long: true,
  async measure(bench) {
    const { ground, plan } = bench
    const ledgers = [await makeLedger(bench, small), await makeLedger(bench, large)] as const
    const seconds = Math.min(plan.seconds, postSecondsMax)
    const postTo = ({ expenses, script }: Ledger) =>
      bench.post(expenses, { script, connections, seconds })
    for (const ledger of ledgers) await postTo(ledger)
    const runs: { small: PostRun; large: PostRun }[] = []
    for (let round = 1; round <= plan.rounds; round += 1) {
      plan.say(`growth, round ${round} of ${plan.rounds}`)
      runs.push({ small: await postTo(ledgers[0]), large: await postTo(ledgers[1]) })
    }
    const faults: string[] = []
    for (const { expenses } of ledgers) {
      await expenses.stop()
      plan.say('checking a ledger')
      faults.push(...(await faultsOf(expenses.databaseUrl)))
      await dropDatabase(ground.postgres.url, new URL(expenses.databaseUrl).pathname.slice(1))
    }
    return {
      rows: [
        rowOf({
          id,
          what: 'CPU per POST (Node + Postgres), 10,000,000 entries ÷ 100,000',
          goal: 1.3,
          better: 'lower',
          rounds: runs.map((run) => postUs(run.large) / postUs(run.small)),
        }),
      ],
      figures: {
        'server µs per POST, 100,000 entries': median(runs.map((run) => postUs(run.small))),
        'server µs per POST, 10,000,000 entries': median(runs.map((run) => postUs(run.large))),
        'POST/s, 100,000 entries': median(runs.map((run) => run.small.perSecond)),
        'POST/s, 10,000,000 entries': median(runs.map((run) => run.large.perSecond)),
      },
      faults,
    }
  },
}

async function makeLedger(
  { ground, plan, folder }: Bench,
  of: LedgerSize & { name: string; entriesEach: number; passes: number },
): Promise<Ledger> {
  const { name, entriesEach, passes } = of
  plan.say(`filling a ledger of ${of.debts * entriesEach} entries`)
  const databaseUrl = await ground.makeDatabase(name)
  const bookIds = await fillLedger(databaseUrl, of)
  await lengthen(databaseUrl, { bookIds, upTo: entriesEach, passes })
  const callers = makeCallers(of, { seed: ground.signingKey, issuer: ground.issuer })
  const script = writePostScript(folder, name, callers, of.debts)
  const expenses = await ground.startExpenses({ relay: false, beside: { name, databaseUrl } })
  return { expenses, script }
}
