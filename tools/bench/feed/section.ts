// What every part of the feed's bench is given.
import type { Caller } from '../ledger/data.ts'
import type { BenchPlan, Found } from '../ledger/section.ts'
import type { Stage } from './stage.ts'

export interface FeedPlan extends BenchPlan {
  sockets: number
}

export interface FeedBench {
  stage: Stage
  plan: FeedPlan
  callers: Caller[]
}

/** Measures its rows side by side, and leaves the stage as it was. */
export interface FeedSection {
  ids: string[]
  long: boolean
  measure(bench: FeedBench): Promise<Found>
}
