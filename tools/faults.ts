// `npm run faults -- ledger [--only G2,G4] [--seed 7] [--short]`: breaks things on purpose and
// counts what is left. Starts what it needs in folders of its own.
import { parseArgs } from 'node:util'
import { ledgerScenarios } from './faults/ledger.ts'
import { tableOf, writeVerdicts } from './faults/report.ts'
import { judge, type Scenario, type Verdict } from './faults/scenario.ts'
import { openWorld, type World } from './faults/world.ts'
import { repoDir } from './launcher/node-flags.ts'
import { untilAskedToStop } from './launcher/signals.ts'

const suites: Record<string, Scenario[]> = { ledger: ledgerScenarios }
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
const unknown = only?.filter((id) => suite?.every((scenario) => scenario.id !== id)) ?? []
const seed = Number(values.seed ?? Math.floor(Math.random() * seedMax))
if (suite === undefined || unknown.length > 0 || !Number.isInteger(seed)) {
  console.error(`Usage: npm run faults -- ${Object.keys(suites).join('|')} \\
    [--only ${suite?.map(({ id }) => id).join(',') ?? 'G1,G2'}] [--seed N] [--short]`)
  process.exit(2)
}

let world: World | undefined
void untilAskedToStop(console.log, () => world?.house.kill()).then(async () => {
  await world?.house.stop()
  process.exit(130)
})

const played = suite.filter(({ id }) => only === undefined || only.includes(id))
console.log(`Faults of the ${name}: seed ${seed}${values.short ? ', short' : ''}.\n`)
const verdicts: Verdict[] = []
for (const needs of ['any', 'own-postgres'] as const) {
  const these = played.filter((scenario) => scenario.needs === needs)
  if (these.length === 0) continue
  world = await openWorld({ name: `${name}-${needs}`, direct: needs === 'own-postgres' })
  for (const scenario of these) verdicts.push(await play(scenario, world))
  await world.close()
  world = undefined
}

const file = writeVerdicts(repoDir, name, verdicts)
console.log(`\n${tableOf(verdicts)}\n\n${file}`)
process.exit(verdicts.every(({ passed }) => passed) ? 0 : 1)

async function play(scenario: Scenario, world: World): Promise<Verdict> {
  console.log(`${scenario.id}: ${scenario.what}`)
  const startedAt = Date.now()
  const verdict = await judge(scenario, world, { seed, short: values.short })
  for (const fault of verdict.faults) console.log(`    ${fault}`)
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1)
  console.log(`  ${verdict.passed ? 'passed' : 'FAILED'} after ${seconds} s`)
  return verdict
}
