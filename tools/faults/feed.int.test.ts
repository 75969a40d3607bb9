// The faults of the feed in their short form, on the shared test servers.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openFeedWorld, type FeedWorld } from './feed/world.ts'
import { judge } from './scenario.ts'
import { honestGaps } from './scenarios-feed/g20-honest-gaps.ts'
import { neverLockedOut } from './scenarios-feed/g22-never-locked-out.ts'
import { closedDoors } from './scenarios-feed/g23-closed-doors.ts'

const seed = Number(process.env['FAULTS_SEED'] ?? 7)
const playMsMax = 120_000
let world: FeedWorld

beforeAll(async () => {
  world = await openFeedWorld({ name: 'test-feed', lent: true })
})
afterAll(() => world.close())

// Those that kill no server, which others use; the rest runs with `npm run faults`.
test.each([honestGaps, neverLockedOut, closedDoors])(
  '$id: $what',
  async (scenario) => {
    const verdict = await judge(scenario, world, { seed, short: true })
    console.log(scenario.id, verdict.figures)
    expect(verdict.faults).toEqual([])
    expect(verdict).toMatchObject({ passed: true, twin: { caught: true } })
  },
  playMsMax,
)
