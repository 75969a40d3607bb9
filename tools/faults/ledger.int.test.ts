// The fault harness in its short form, on the shared test servers.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { judge, type Scenario } from './scenario.ts'
import { lostReplies } from './scenarios/g2-lost-replies.ts'
import { keys } from './scenarios/g4-keys.ts'
import { model } from './scenarios/g5-model.ts'
import { strangers } from './scenarios/g24-strangers.ts'
import { fuzzing } from './scenarios/g25-fuzz.ts'
import { openWorld, type World } from './world.ts'

const seed = Number(process.env['FAULTS_SEED'] ?? 7)
let world: World

beforeAll(async () => {
  world = await openWorld({ name: 'test', postgresUrl: process.env['POSTGRES_URL'] })
})
afterAll(() => world.close())

const played: Scenario[] = [lostReplies, keys, model, strangers, fuzzing]

test.each(played)('$id: $what', async (scenario) => {
  const verdict = await judge(scenario, world, { seed, short: true })
  console.log(scenario.id, verdict.figures)
  expect(verdict.faults).toEqual([])
  expect(verdict).toMatchObject({ passed: true, twin: { caught: true } })
})
