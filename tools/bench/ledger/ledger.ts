// `npm run bench -- ledger`: the ledger beside what Postgres itself can do, in one run.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Ground } from '../ground.ts'
import type { Report } from '../rows.ts'
import { countEntries, faultsOf } from './check.ts'
import { fillLedger, makeCallers, size } from './data.ts'
import { growthSection } from './growth.ts'
import { writePostScript } from './load.ts'
import { memorySection } from './memory.ts'
import { post } from './post.ts'
import { readSection } from './reads.ts'
import { relaySection } from './relay.ts'
import type { Bench, BenchPlan } from './section.ts'
import { writeSection } from './write.ts'

/** In the order in which they are measured. */
export const ledgerSections = [
  writeSection,
  readSection,
  relaySection,
  growthSection,
  memorySection,
]

export async function benchLedger(ground: Ground, plan: BenchPlan): Promise<Report> {
  const { url } = ground.postgres
  const folder = join(ground.house.dataDir, 'load')
  mkdirSync(folder, { recursive: true })
  plan.say('filling the ledger')
  await fillLedger(url, size)
  const callers = makeCallers(size, { seed: ground.signingKey, issuer: ground.issuer })
  let standing = size.debts
  const bench: Bench = {
    ground,
    plan,
    folder,
    callers,
    scripts: {
      spread: writePostScript(folder, 'spread', callers, size.debts),
      hot: writePostScript(folder, 'hot', callers, 1),
    },
    async post(expenses, load) {
      const run = await post(ground, expenses, { seconds: plan.seconds, ...load })
      if (expenses.databaseUrl === url) standing += run.count
      return run
    },
    // Nobody reads the events here.
    readersRest: async () => undefined,
  }
  const report: Report = { valid: true, rows: [], figures: {} }
  const faults: string[] = []
  for (const section of ledgerSections.filter(({ ids }) => ids.some(plan.wants))) {
    const found = await section.measure(bench)
    report.rows.push(...found.rows)
    Object.assign(report.figures, found.figures)
    faults.push(...found.faults)
  }
  plan.say('checking the ledger')
  faults.push(...(await faultsOf(url)))
  const entries = await countEntries(url)
  if (entries !== standing) faults.push(`${entries} entries stand, ${standing} were answered`)
  for (const fault of faults) plan.say(fault)
  return { ...report, valid: faults.length === 0 }
}
