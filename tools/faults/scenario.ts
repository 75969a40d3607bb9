// What every scenario of the fault harness is given, and what it has to hand back.
import type { Random } from '../demo/random.ts'
import { makeRandom } from '../demo/random.ts'
import type { World } from './world.ts'

export type Figures = Record<string, number | string>

export interface Verdict {
  id: string
  passed: boolean
  figures: Figures
  seed: number
  /** Whether the deliberately broken build, input or client was noticed. */
  twin: { caught: boolean }
  /** Why it did not pass. */
  faults: string[]
}

export interface Run {
  seed: number
  random: Random
  /** A few seconds instead of the full figure. */
  short: boolean
}

/** What a scenario found, before it is judged. */
export interface Findings {
  figures: Figures
  faults: string[]
  /** Did each fault bite? Absent where there is none to inject. */
  struck?: number
  twinCaught: boolean
}

/** Whatever a scenario plays in. */
export interface Stage {
  /** Deaths of processes that nobody ordered. */
  deaths: () => string[]
}

export interface Scenario<S extends Stage = World> {
  id: string
  /** The promise, in one line. */
  what: string
  /** What it needs of the world: any, or one with a Postgres of its own that may be killed. */
  needs: 'any' | 'own-postgres'
  play: (world: S, run: Run) => Promise<Findings>
}

/** Plays it and judges: a fault that never bit, or a twin that passed, is not a pass. */
export async function judge<S extends Stage>(
  scenario: Scenario<S>,
  world: S,
  options: { seed: number; short: boolean },
): Promise<Verdict> {
  const { id } = scenario
  const { seed, short } = options
  const run: Run = { seed, short, random: makeRandom(seed) }
  try {
    const { figures, faults, struck, twinCaught } = await scenario.play(world, run)
    const reasons = [
      ...faults,
      ...world.deaths(),
      ...(struck === 0 ? ['no fault ever bit: the run proves nothing'] : []),
      ...(twinCaught ? [] : ['the broken twin passed']),
    ]
    const shown = struck === undefined ? figures : { ...figures, struck }
    const passed = reasons.length === 0
    return { id, passed, figures: shown, seed, twin: { caught: twinCaught }, faults: reasons }
  } catch (error) {
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return { id, passed: false, figures: {}, seed, twin: { caught: false }, faults: [reason] }
  }
}
