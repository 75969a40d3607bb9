// The faults that end a database: on a Postgres of their own, which nobody else misses.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { judge } from './scenario.ts'
import { killedDatabase } from './scenarios/g1-killed-database.ts'
import { openWorld, type World } from './world.ts'

const seed = Number(process.env['FAULTS_SEED'] ?? 7)
const playMsMax = 180_000
let world: World

beforeAll(async () => {
  world = await openWorld({ name: 'test-kills', direct: true })
})
afterAll(() => world.close())

test(
  `${killedDatabase.id}: ${killedDatabase.what}`,
  async () => {
    const verdict = await judge(killedDatabase, world, { seed, short: true })
    console.log(verdict.figures)
    expect(verdict.faults).toEqual([])
    expect(verdict).toMatchObject({ passed: true, twin: { caught: true } })
  },
  playMsMax,
)
