// The write path beside what Postgres itself can do, and beside itself under other conditions.
import { treeCpuUs } from '../cpu.ts'
import type { Expenses } from '../ground.ts'
import { withClient } from '../databases.ts'
import { runPgbench } from '../pgbench.ts'
import { countEntries, countEvents } from './check.ts'
import { size } from './data.ts'
import type { Bench, Section } from './section.ts'
import { faultsOfWithout, startWithout } from './without.ts'
import {
  figuresOf,
  type Measurement,
  type PgbenchMeasured,
  plannedRows,
  rowsOf,
  type Sample,
} from './write-rows.ts'
import { makeYardsticks, type Yardsticks } from './yardsticks.ts'

export const writeSection: Section = {
  ids: plannedRows.map(({ row }) => row.id),
  long: false,
  async measure(bench) {
    const { plan } = bench
    const rows = plannedRows.filter(({ row }) => plan.wants(row.id))
    const needed = new Set(rows.flatMap(({ needs }) => needs))
    const stage = await setStage(bench, needed)
    const samples: Partial<Sample>[] = []
    for (let round = 1; round <= plan.rounds; round += 1) {
      plan.say(`writing, round ${round} of ${plan.rounds}`)
      samples.push(await measureRound(bench, stage, needed))
    }
    await stage.expenses.stop()
    await stage.without?.stop()
    const faults = await faultsOfEvents(bench.ground.postgres.url)
    if (stage.without !== undefined) faults.push(...(await faultsOfWithout(stage.without)))
    return { rows: rowsOf(rows, samples), figures: figuresOf(samples), faults }
  },
}

/** No relay ran: each entry that was posted has its event in the outbox. */
async function faultsOfEvents(url: string): Promise<string[]> {
  const [entries, events] = [await countEntries(url), await countEvents(url)]
  const posted = entries - size.debts
  return posted === events ? [] : [`${events} events wait of ${posted} entries`]
}

interface Stage {
  expenses: Expenses
  without: Expenses | undefined
  yardsticks: Yardsticks | undefined
}

/** Starts what is needed and warms it up: the first seconds of a process say nothing. */
async function setStage(bench: Bench, needed: Set<Measurement>): Promise<Stage> {
  const { ground, plan, folder, scripts } = bench
  const yardstick = needed.has('tpcb') || needed.has('naive') || needed.has('sameWork')
  if (yardstick) plan.say('filling the yardsticks')
  const { pgbench } = ground.programs
  const yardsticks = yardstick
    ? await makeYardsticks(pgbench, ground.postgres.url, folder)
    : undefined
  await withClient(ground.postgres.url, (client) => client.query('CHECKPOINT'))
  const without = needed.has('without') ? await startWithout(bench) : undefined
  const expenses = await ground.startExpenses({ relay: false })
  for (const one of [expenses, without]) {
    if (one !== undefined) await bench.post(one, { script: scripts.spread, connections: 64 })
  }
  return { expenses, without, yardsticks }
}

/** One after the other, so that they stand side by side under whatever else the machine does. */
async function measureRound(
  bench: Bench,
  stage: Stage,
  needed: Set<Measurement>,
): Promise<Partial<Sample>> {
  const { spread, hot } = bench.scripts
  const { expenses, without, yardsticks } = stage
  const posting = (process: Expenses | undefined, script: string, connections: number) => {
    if (process === undefined) throw new Error('it was not started')
    return bench.post(process, { script, connections })
  }
  const measures: { [M in Measurement]: () => Promise<Sample[M]> } = {
    tpcb: () => measurePgbench(bench, yardsticks?.tpcb),
    at256: () => posting(expenses, spread, 256),
    without: () => posting(without, spread, 256),
    naive: () => measurePgbench(bench, yardsticks?.naive),
    at64: () => posting(expenses, spread, 64),
    hot: () => posting(expenses, hot, 64),
    single: () => posting(expenses, spread, 1),
    roundTrip: () => measurePgbench(bench, yardsticks?.roundTrip),
    sameWork: () => measurePgbench(bench, yardsticks?.sameWork),
  }
  const sample: Partial<Sample> = {}
  for (const name of Object.keys(measures) as Measurement[]) {
    if (needed.has(name)) Object.assign(sample, { [name]: await measures[name]() })
  }
  return sample
}

async function measurePgbench(
  { ground, plan }: Bench,
  stick: Yardsticks[keyof Yardsticks] | undefined,
): Promise<PgbenchMeasured> {
  if (stick === undefined) throw new Error('it was not filled')
  const before = treeCpuUs(ground.postgres.pid)
  const run = await runPgbench(ground.programs.pgbench, { ...stick, seconds: plan.seconds })
  return { ...run, cpuUs: (treeCpuUs(ground.postgres.pid) - before) / run.transactions }
}
