// `npm run bench -- ledger`: the write path beside what Postgres itself can do, in one run.
import { join } from 'node:path'
import { treeCpuUs } from '../cpu.ts'
import type { Ground } from '../ground.ts'
import { type PgbenchRun, runPgbench } from '../pgbench.ts'
import { median, type Report, type Row, rowOf } from '../rows.ts'
import { countLedger, faultsOf } from './check.ts'
import { fillLedger, makeCallers } from './data.ts'
import { readRows } from './reads.ts'
import { relayRows } from './relay.ts'
import { writePostScript } from './load.ts'
import { type Bench, type BenchPlan, makePost, type PostRun } from './post.ts'
import { makeYardsticks } from './yardsticks.ts'

export const size = { people: 1_000, debts: 20_000 }

export async function benchLedger(ground: Ground, plan: BenchPlan): Promise<Report> {
  const { url } = ground.postgres
  const folder = join(ground.house.dataDir, 'load')
  plan.say('filling the ledger')
  await fillLedger(url, size)
  const { pgbench } = ground.programs
  plan.say('filling the yardsticks')
  const yardsticks = await makeYardsticks(pgbench, url, folder)
  const callers = makeCallers(size, { seed: ground.signingKey, issuer: ground.issuer })
  const scripts = {
    spread: writePostScript(folder, 'spread', callers, size.debts),
    hot: writePostScript(folder, 'hot', callers, 1),
  }
  const counted = { posts: size.debts }
  const bench: Bench = { ground, plan, folder, scripts, post: makePost(ground, plan, counted) }

  const measurePgbench = async (stick: { url: string; args: string[] }) => {
    const before = treeCpuUs(ground.postgres.pid)
    const run = await runPgbench(pgbench, { ...stick, seconds: plan.seconds })
    return { ...run, cpuUs: (treeCpuUs(ground.postgres.pid) - before) / run.transactions }
  }

  const expenses = await ground.startExpenses({ relay: false })
  await bench.post(expenses, scripts.spread, 64)
  const samples: Sample[] = []
  for (let round = 1; round <= plan.rounds; round += 1) {
    plan.say(`round ${round} of ${plan.rounds}`)
    samples.push({
      tpcb: await measurePgbench(yardsticks.tpcb),
      at256: await bench.post(expenses, scripts.spread, 256),
      naive: await measurePgbench(yardsticks.naive),
      at64: await bench.post(expenses, scripts.spread, 64),
      hot: await bench.post(expenses, scripts.hot, 64),
      single: await bench.post(expenses, scripts.spread, 1),
      roundTrip: await measurePgbench(yardsticks.roundTrip),
    })
  }
  const rows = writeRows(samples)
  rows.push(...(await readRows(bench, expenses, callers)))
  await expenses.stop()
  const relayed = await relayRows(bench)
  rows.push(...relayed.rows)

  plan.say('checking the ledger')
  const faults = await faultsOf(url)
  for (const fault of faults) plan.say(fault)
  const { entries } = await countLedger(url)
  const valid = faults.length === 0 && entries === counted.posts && relayed.valid
  if (entries !== counted.posts)
    plan.say(`${entries} entries stand, ${counted.posts} were answered`)
  return { valid, rows, figures: { ...writeFigures(samples), ...relayed.figures } }
}

type Measured = PgbenchRun & { cpuUs: number }
interface Sample {
  tpcb: Measured
  naive: Measured
  roundTrip: Measured
  at256: PostRun
  at64: PostRun
  hot: PostRun
  single: PostRun
}

const postUs = ({ nodeUs, postgresUs }: PostRun) => nodeUs + postgresUs

function writeRows(samples: Sample[]): Row[] {
  const row = (
    id: string,
    what: string,
    goal: number,
    better: Row['better'],
    ratioOf: (sample: Sample) => number,
  ) => rowOf({ id, what, goal, better, rounds: samples.map(ratioOf) })
  return [
    row(
      'W1',
      'POST rate at 256 connections ÷ TPC-B',
      2,
      'higher',
      (s) => s.at256.perSecond / s.tpcb.perSecond,
    ),
    row(
      'W1b',
      'POST rate at 64 connections ÷ TPC-B',
      1.4,
      'higher',
      (s) => s.at64.perSecond / s.tpcb.perSecond,
    ),
    row(
      'W2',
      'POST rate at 256 connections ÷ the naive way',
      4,
      'higher',
      (s) => s.at256.perSecond / s.naive.perSecond,
    ),
    row(
      'W3',
      'CPU per POST (Node + Postgres) ÷ Postgres alone, the naive way',
      1 / 5,
      'lower',
      (s) => postUs(s.at256) / s.naive.cpuUs,
    ),
    row(
      'W6',
      'POST rate on one debt ÷ over 20,000',
      0.9,
      'higher',
      (s) => s.hot.perSecond / s.at64.perSecond,
    ),
    row(
      'W7',
      'POST p50 at one connection ÷ one durable prepared write',
      2.5,
      'lower',
      (s) => s.single.p50Ms / s.roundTrip.latencyMs,
    ),
  ]
}

const writeFigures = (samples: Sample[]): Record<string, number> => ({
  'POST/s at 256 connections': median(samples.map((s) => s.at256.perSecond)),
  'POST/s at 64 connections': median(samples.map((s) => s.at64.perSecond)),
  'POST/s on one debt, 64 connections': median(samples.map((s) => s.hot.perSecond)),
  'Node µs per POST at 256': median(samples.map((s) => s.at256.nodeUs)),
  'Postgres µs per POST at 256': median(samples.map((s) => s.at256.postgresUs)),
  'Node µs per POST at 64': median(samples.map((s) => s.at64.nodeUs)),
  'Postgres µs per POST at 64': median(samples.map((s) => s.at64.postgresUs)),
  'p50 ms at one connection': median(samples.map((s) => s.single.p50Ms)),
  'TPC-B per second': median(samples.map((s) => s.tpcb.perSecond)),
  'TPC-B Postgres µs': median(samples.map((s) => s.tpcb.cpuUs)),
  'naive per second': median(samples.map((s) => s.naive.perSecond)),
  'naive Postgres µs': median(samples.map((s) => s.naive.cpuUs)),
})
