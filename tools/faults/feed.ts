// The faults of the feed, in the order in which a full run plays them.
import type { FeedWorld } from './feed/world.ts'
import type { Scenario } from './scenario.ts'
import { threeDevices } from './scenarios-feed/f1-three-devices.ts'
import { coldStart } from './scenarios-feed/f2-cold-start.ts'
import { fromLedgerToFeed } from './scenarios-feed/g11-from-ledger-to-feed.ts'
import { poison } from './scenarios-feed/g13-poison.ts'
import { reconciler } from './scenarios-feed/g14-reconciler.ts'
import { manyClients } from './scenarios-feed/g19-many-clients.ts'
import { honestGaps } from './scenarios-feed/g20-honest-gaps.ts'
import { stalledDevices } from './scenarios-feed/g21-stalled-devices.ts'
import { neverLockedOut } from './scenarios-feed/g22-never-locked-out.ts'
import { closedDoors } from './scenarios-feed/g23-closed-doors.ts'
import { rollingRestarts } from './scenarios-feed/g34-rolling-restarts.ts'

export const feedScenarios: Scenario<FeedWorld>[] = [
  threeDevices,
  coldStart,
  fromLedgerToFeed,
  poison,
  reconciler,
  manyClients,
  honestGaps,
  stalledDevices,
  neverLockedOut,
  closedDoors,
  rollingRestarts,
]
