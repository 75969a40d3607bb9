// `npm run faults -- ledger|feed [--only G2,G4] [--seed 7] [--short]`: breaks things on purpose and
// counts what is left. Starts what it needs in folders of its own.
import { parseArgs } from 'node:util'
import { feedScenarios } from './faults/feed.ts'
import { openFeedWorld } from './faults/feed/world.ts'
import { ledgerScenarios } from './faults/ledger.ts'
import { figuresOf, tableOf, writeVerdicts } from './faults/report.ts'
import { judge, type Scenario, type Stage, type Verdict } from './faults/scenario.ts'
import { openWorld } from './faults/world.ts'
import type { House } from './launcher/house.ts'
import { repoDir } from './launcher/node-flags.ts'
import { untilAskedToStop } from './launcher/signals.ts'

interface OpenStage extends Stage {
  house: House
  close: () => Promise<void>
}
type Needs = Scenario['needs']
interface Choice {
  id: string
  needs: Needs
}

/** One subject: what can be played, and a stage for those that share their needs. */
function makeSuite<S extends OpenStage>(
  scenarios: Scenario<S>[],
  open: (needs: Needs) => Promise<S>,
) {
  return {
    choices: scenarios.map(({ id, needs }): Choice => ({ id, needs })),
    async play(needs: Needs, ids: string[]): Promise<Verdict[]> {
      const stage = await open(needs)
      house = stage.house
      const verdicts: Verdict[] = []
      for (const scenario of scenarios.filter(({ id }) => ids.includes(id))) {
        verdicts.push(await play(scenario, stage))
      }
      await stage.close()
      house = undefined
      return verdicts
    },
  }
}

const suites: Record<string, ReturnType<typeof makeSuite>> = {
  ledger: makeSuite(ledgerScenarios, (needs) =>
    openWorld({ name: `ledger-${needs}`, direct: needs === 'own-postgres' }),
  ),
  feed: makeSuite(feedScenarios, () => openFeedWorld({ name: 'feed', lent: false })),
}
const seedMax = 1_000_000

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string' },
    seed: { type: 'string' },
    short: { type: 'boolean', default: false },
  },
})
const [name = ''] = positionals
const suite = suites[name]
const only = values.only?.split(',').map((id) => id.trim().toUpperCase())
const unknown = only?.filter((id) => suite?.choices.every((choice) => choice.id !== id)) ?? []
const seed = Number(values.seed ?? Math.floor(Math.random() * seedMax))
if (suite === undefined || unknown.length > 0 || !Number.isInteger(seed)) {
  console.error(`Usage: npm run faults -- ${Object.keys(suites).join('|')} \\
    [--only ${suite?.choices.map(({ id }) => id).join(',') ?? 'G1,G2'}] [--seed N] [--short]`)
  process.exit(2)
}

let house: House | undefined
void untilAskedToStop(console.log, () => house?.kill()).then(async () => {
  await house?.stop()
  process.exit(130)
})

const played = suite.choices.filter(({ id }) => only === undefined || only.includes(id))
console.log(`Faults of the ${name}: seed ${seed}${values.short ? ', short' : ''}.\n`)
const verdicts: Verdict[] = []
for (const needs of ['any', 'own-postgres'] as const) {
  const ids = played.filter((choice) => choice.needs === needs).map(({ id }) => id)
  if (ids.length > 0) verdicts.push(...(await suite.play(needs, ids)))
}

const file = writeVerdicts(repoDir, name, verdicts)
console.log(`\n${tableOf(verdicts)}\n\n${file}`)
process.exit(verdicts.every(({ passed }) => passed) ? 0 : 1)

async function play<S extends Stage>(scenario: Scenario<S>, stage: S): Promise<Verdict> {
  console.log(`${scenario.id}: ${scenario.what}`)
  const startedAt = Date.now()
  const verdict = await judge(scenario, stage, { seed, short: values.short })
  for (const fault of verdict.faults) console.log(`    ${fault}`)
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1)
  console.log(`  ${verdict.passed ? 'passed' : 'FAILED'} after ${seconds} s: ${figuresOf(verdict)}`)
  return verdict
}
