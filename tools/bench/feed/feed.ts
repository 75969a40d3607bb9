// `npm run bench -- feed`: the live feed of ten thousand sockets, beside nats-server, its own
// upgrades and its own broker, in one run.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { hasRealMongo } from '../../servers/mongo.ts'
import { buildStandIn } from '../../servers/secantus.ts'
import type { Ground } from '../ground.ts'
import { faultsOf } from '../ledger/check.ts'
import { fillLedger, makeCallers } from '../ledger/data.ts'
import { writePostScript } from '../ledger/load.ts'
import { post } from '../ledger/post.ts'
import { relaySection } from '../ledger/relay.ts'
import type { Report } from '../rows.ts'
import { fanOutSection } from './fan-out.ts'
import { latencySection } from './latency.ts'
import type { FeedPlan, FeedSection } from './section.ts'
import { openStage } from './stage.ts'
import { stormSection } from './storm.ts'

/** When each row was committed: the bench asks Postgres, not the service. */
export const feedSettings = ['track_commit_timestamp=on']

/** The ledger's own rows of the relay, while the notifier takes what it sends. */
const relayBeside: FeedSection = {
  ids: relaySection.ids,
  long: false,
  measure({ stage, plan, callers }) {
    const { ground } = stage
    const folder = join(ground.house.dataDir, 'load')
    mkdirSync(folder, { recursive: true })
    const debts = callers.reduce((sum, { debtIds }) => sum + debtIds.length, 0)
    const spread = writePostScript(folder, 'spread', callers, debts)
    return relaySection.measure({
      ground,
      plan,
      folder,
      callers,
      scripts: { spread, hot: spread },
      post: (expenses, load) => post(ground, expenses, { seconds: plan.seconds, ...load }),
      readersRest: stage.readersRest,
    })
  },
}

/** In the order in which they are measured; the last one brings expenses of its own. */
export const feedSections = [fanOutSection, stormSection, latencySection, relayBeside]

export async function benchFeed(ground: Ground, plan: FeedPlan): Promise<Report> {
  const { url } = ground.postgres
  const { cache } = ground.house
  if (!(await hasRealMongo(cache))) await buildStandIn(cache, plan.say)
  const size = { people: plan.sockets + 1, debts: 2 * plan.sockets, manyLenders: true }
  plan.say('filling the ledger')
  await fillLedger(url, size)
  const callers = makeCallers(size, { seed: ground.signingKey, issuer: ground.issuer })
  const expenses = await ground.startExpenses({ relay: true })
  const stage = await openStage(ground)

  const report: Report = { valid: true, rows: [], figures: {} }
  const faults: string[] = []
  for (const section of feedSections.filter(({ ids }) => ids.some(plan.wants))) {
    if (section === relayBeside) await expenses.stop()
    const found = await section.measure({ stage, plan, callers })
    report.rows.push(...found.rows)
    Object.assign(report.figures, found.figures)
    faults.push(...found.faults)
  }
  plan.say('checking the ledger')
  faults.push(...(await faultsOf(url)))
  for (const fault of faults) plan.say(fault)
  return { ...report, valid: faults.length === 0 }
}
