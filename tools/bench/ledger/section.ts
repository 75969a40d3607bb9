// What every part of the ledger's bench is given, and what it hands back.
import type { Expenses, Ground } from '../ground.ts'
import type { Figures, Row } from '../rows.ts'
import type { Caller } from './data.ts'
import type { Load, PostRun } from './post.ts'

export interface BenchPlan {
  rounds: number
  seconds: number
  /** Whether a row was asked for. */
  wants: (id: string) => boolean
  say: (text: string) => void
}

export interface Bench {
  ground: Ground
  plan: BenchPlan
  /** For scripts of the load. */
  folder: string
  callers: Caller[]
  scripts: { spread: string; hot: string }
  /** Posts for the plan's seconds, unless told otherwise. */
  post(expenses: Expenses, load: Omit<Load, 'seconds'> & { seconds?: number }): Promise<PostRun>
  /**
   * Resolves when those who read what the relay sends have nothing in hand any more; with when they stored
   * the last of it, by `performance.now`, if there are any.
   */
  readersRest(): Promise<number | undefined>
}

export interface Found {
  rows: Row[]
  figures: Figures
  /** What was wrong with the data, if anything. */
  faults: string[]
}

/** Starts what it needs, measures its rows side by side, and stops what it started. */
export interface Section {
  ids: string[]
  /** It needs more than ten minutes, and so has to be asked for. */
  long: boolean
  measure(bench: Bench): Promise<Found>
}
