// G5: random stories against a model, every invariant after every command.
import * as fc from 'fast-check'
import { rightsTooMany, sharedNames } from '../audit.ts'
import { type Story, story } from '../model/commands.ts'
import { type Cast, perform, type Tally } from '../model/perform.ts'
import { tamperings } from '../model/tampering.ts'
import type { Run, Scenario } from '../scenario.ts'
import type { World } from '../world.ts'

const togetherMax = 4

export const model: Scenario = {
  id: 'G5',
  what: 'random stories against a BigInt model, all twelve invariants after every command',
  needs: 'any',
  async play(world, run) {
    const stories = run.short ? 60 : 2_000
    const lengthMax = run.short ? 20 : 50
    const tally: Tally = { commands: 0, refusals: 0 }
    const found = await Promise.all(
      Array.from({ length: togetherMax }, (_, lane) =>
        search(world, run, { runs: stories / togetherMax, lengthMax, lane, bent: false, tally }),
      ),
    )
    const standing = [...(await rightsTooMany(world.admin)), ...(await sharedNames(world.admin))]
    const bent = await search(world, run, {
      runs: 100,
      lengthMax,
      lane: 0,
      bent: true,
      tally: { commands: 0, refusals: 0 },
    })
    const { tried, missed } = await tamperings(world)
    return {
      figures: {
        stories,
        commands: tally.commands,
        refusals: tally.refusals,
        differences: found.filter((one) => one !== undefined).length,
        tamperingsNamed: `${tried - missed.length}/${tried}`,
      },
      faults: [
        ...found.flatMap((one) => one ?? []),
        ...standing.map(({ what }) => what),
        ...missed.map((what) => `nobody noticed ${what}`),
      ],
      twinCaught: bent !== undefined && missed.length === 0,
    }
  },
}

interface Search {
  runs: number
  lengthMax: number
  lane: number
  bent: boolean
  tally: Tally
}

/** The smallest story it finds on which service and model disagree, or undefined. */
async function search(world: World, run: Run, how: Search): Promise<string | undefined> {
  const cast: Cast = {
    owner: await world.person('Ana'),
    other: await world.person('Bo'),
    stranger: await world.person('Eve'),
  }
  const property = fc.asyncProperty(story(how.lengthMax), async (story: Story) => {
    await perform(world, cast, story, how)
  })
  const seed = run.seed * togetherMax + how.lane
  const result = await fc.check(property, { seed, numRuns: how.runs, endOnFailure: how.bent })
  if (!result.failed) return undefined
  const reason = result.errorInstance instanceof Error ? result.errorInstance.message : 'failed'
  return `${reason}; story ${fc.stringify(result.counterexample?.[0])}`
}
