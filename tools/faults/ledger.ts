// The faults of the ledger, in the order in which a full run plays them.
import type { Scenario } from './scenario.ts'
import { killedDatabase } from './scenarios/g1-killed-database.ts'
import { lostReplies } from './scenarios/g2-lost-replies.ts'
import { failpoints } from './scenarios/g3-failpoints.ts'
import { keys } from './scenarios/g4-keys.ts'
import { model } from './scenarios/g5-model.ts'
import { reversals } from './scenarios/g6-reversals.ts'
import { histories } from './scenarios/g7-histories.ts'
import { appendOnly } from './scenarios/g8-append-only.ts'
import { amounts } from './scenarios/g9-amounts.ts'
import { fullDisk } from './scenarios/g10-full-disk.ts'
import { lateCommits } from './scenarios/g12-late-commits.ts'
import { strangers } from './scenarios/g24-strangers.ts'
import { fuzzing } from './scenarios/g25-fuzz.ts'

export const ledgerScenarios: Scenario[] = [
  killedDatabase,
  lostReplies,
  failpoints,
  keys,
  model,
  reversals,
  histories,
  appendOnly,
  amounts,
  fullDisk,
  lateCommits,
  strangers,
  fuzzing,
]
