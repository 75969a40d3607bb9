// The fault harness in its short form, on the shared test servers.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ledgerScenarios } from './ledger.ts'
import { judge } from './scenario.ts'
import { openWorld, type World } from './world.ts'

const seed = Number(process.env['FAULTS_SEED'] ?? 7)
let world: World

beforeAll(async () => {
  world = await openWorld({ name: 'test', postgresUrl: process.env['POSTGRES_URL'] })
})
afterAll(() => world.close())

// Those without which no change is green; the others run with `npm run faults`.
const starred = new Set(['G2', 'G4', 'G5', 'G6', 'G8', 'G9', 'G12', 'G24', 'G25'])
const played = ledgerScenarios.filter(({ id }) => starred.has(id))

test.each(played)('$id: $what', async (scenario) => {
  const verdict = await judge(scenario, world, { seed, short: true })
  console.log(scenario.id, verdict.figures)
  expect(verdict.faults).toEqual([])
  expect(verdict).toMatchObject({ passed: true, twin: { caught: true } })
})
