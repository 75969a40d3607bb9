// What the rounds of the write path say: ratios of measurements that stood side by side, and figures.
import type { PgbenchRun } from '../pgbench.ts'
import { type Figures, median, type Row, rowOf } from '../rows.ts'
import { type PostRun, postUs } from './post.ts'

export type PgbenchMeasured = PgbenchRun & { cpuUs: number }

/** What one round measures, as far as a row asks for it. */
export interface Sample {
  tpcb: PgbenchMeasured
  at256: PostRun
  without: PostRun
  naive: PgbenchMeasured
  at64: PostRun
  hot: PostRun
  single: PostRun
  roundTrip: PgbenchMeasured
  sameWork: PgbenchMeasured
}
export type Measurement = keyof Sample

type Shown = Omit<Row, 'ratio' | 'rounds'>

interface PlannedRow {
  row: Shown
  needs: Measurement[]
  ratioOf: (sample: Sample) => number
}

const planned = <M extends Measurement>(
  needs: M[],
  ratioOf: (sample: Pick<Sample, M>) => number,
  row: Shown,
): PlannedRow => ({ row, needs, ratioOf })

export const plannedRows: PlannedRow[] = [
  planned(['at256', 'tpcb'], (s) => s.at256.perSecond / s.tpcb.perSecond, {
    id: 'W1',
    what: 'POST rate at 256 connections ÷ TPC-B',
    goal: 2,
    better: 'higher',
  }),
  planned(['at64', 'tpcb'], (s) => s.at64.perSecond / s.tpcb.perSecond, {
    id: 'W1b',
    what: 'POST rate at 64 connections ÷ TPC-B',
    goal: 1.4,
    better: 'higher',
  }),
  planned(['at256', 'naive'], (s) => s.at256.perSecond / s.naive.perSecond, {
    id: 'W2',
    what: 'POST rate at 256 connections ÷ the naive way',
    goal: 4,
    better: 'higher',
  }),
  planned(['at256', 'naive'], (s) => postUs(s.at256) / s.naive.cpuUs, {
    id: 'W3',
    what: 'CPU per POST (Node + Postgres) ÷ Postgres alone, the naive way',
    goal: 1 / 5,
    better: 'lower',
  }),
  planned(['hot', 'at64'], (s) => s.hot.perSecond / s.at64.perSecond, {
    id: 'W6',
    what: 'POST rate on one debt ÷ over 20,000',
    goal: 0.9,
    better: 'higher',
  }),
  planned(['single', 'sameWork', 'roundTrip'], (s) => s.single.p50Ms / s.sameWork.latencyMs, {
    id: 'W7',
    what: 'POST p50 at one connection ÷ one prepared round trip of pgbench with the same work',
    goal: 2.5,
    better: 'lower',
  }),
  planned(['at256', 'without'], (s) => s.at256.perSecond / s.without.perSecond, {
    id: 'W8',
    what: 'POST rate with keys and chain ÷ without',
    goal: 0.7,
    better: 'higher',
  }),
]

const postNames = {
  at256: 'at 256 connections',
  at64: 'at 64 connections',
  hot: 'on one debt, 64 connections',
  single: 'at one connection',
  without: 'without keys and chain, 256 connections',
} as const
const pgbenchNames = {
  tpcb: 'TPC-B',
  naive: 'the naive way',
  roundTrip: 'one durable prepared write',
  sameWork: 'the same work in one prepared round trip',
} as const

export const rowsOf = (plans: PlannedRow[], samples: Partial<Sample>[]): Row[] =>
  plans.map(({ row, ratioOf }) =>
    rowOf({ ...row, rounds: samples.map((sample) => ratioOf(sample as Sample)) }),
  )

/** Medians of the rounds, of whatever was measured. Latencies are those of a closed loop. */
export function figuresOf(samples: Partial<Sample>[]): Figures {
  const figures: Figures = {}
  const add = (what: string, values: (number | undefined)[]) => {
    const measured = values.filter((value) => value !== undefined)
    if (measured.length > 0) figures[what] = median(measured)
  }
  for (const [id, name] of entriesOf(postNames)) {
    add(
      `POST/s ${name}`,
      valuesOf(samples, id, ({ perSecond }) => perSecond),
    )
    add(
      `p50 ms ${name}`,
      valuesOf(samples, id, ({ p50Ms }) => p50Ms),
    )
    add(
      `p99 ms ${name}`,
      valuesOf(samples, id, ({ p99Ms }) => p99Ms),
    )
    add(
      `Node µs per POST ${name}`,
      valuesOf(samples, id, ({ nodeUs }) => nodeUs),
    )
    add(
      `Postgres µs per POST ${name}`,
      valuesOf(samples, id, ({ postgresUs }) => postgresUs),
    )
  }
  for (const [id, name] of entriesOf(pgbenchNames)) {
    add(
      `${name}: per second`,
      valuesOf(samples, id, ({ perSecond }) => perSecond),
    )
    add(
      `${name}: mean ms`,
      valuesOf(samples, id, ({ latencyMs }) => latencyMs),
    )
    add(
      `${name}: Postgres µs`,
      valuesOf(samples, id, ({ cpuUs }) => cpuUs),
    )
  }
  return figures
}

const entriesOf = <K extends string>(names: Record<K, string>) =>
  Object.entries(names) as [K, string][]

const valuesOf = <M extends Measurement>(
  samples: Partial<Sample>[],
  id: M,
  valueOf: (run: Sample[M]) => number,
) =>
  samples.map((sample) => {
    const run = sample[id]
    return run === undefined ? undefined : valueOf(run)
  })
