// G2: the database commits and its reply is lost; the service answers and its answer is lost.
import { makeLedgerClient } from '../ledger-client.ts'
import { load, openDebts } from '../debts.ts'
import { cutting, passing } from '../proxy/rules.ts'
import { reconcile } from '../reconcile.ts'
import type { Run, Scenario } from '../scenario.ts'
import type { World } from '../world.ts'

const clients = 16
const hotDebts = 4
const chance = 0.05

export const lostReplies: Scenario = {
  id: 'G2',
  what: '5 % of COMMIT replies and 5 % of HTTP replies cut: each keyed post has exactly one effect',
  needs: 'any',
  async play(world, run) {
    const keyed = await storm(world, run, { keyless: false, count: run.short ? 800 : 10_000 })
    const twin = await storm(world, run, { keyless: true, count: run.short ? 400 : 2_000 })
    return {
      figures: {
        posts: keyed.acknowledged,
        commitRepliesCut: keyed.commitCuts,
        answersCut: keyed.answerCuts,
        lost: keyed.lost,
        doubled: keyed.doubled,
        twinDoubled: twin.doubled,
      },
      faults: keyed.faults,
      struck: Math.min(keyed.commitCuts, keyed.answerCuts),
      twinCaught: twin.doubled > 0,
    }
  },
}

async function storm(world: World, run: Run, how: { keyless: boolean; count: number }) {
  const { random } = run
  const debts = await openDebts(world, hotDebts)
  const client = makeLedgerClient({ call: world.call, random, keyless: how.keyless })
  const commits = cutting({ direction: 'reply', label: /^done COMMIT$/, chance, random })
  const answers = cutting({ direction: 'reply', label: /^HTTP/, chance, random })
  world.toDatabase.setRule(commits)
  world.toService.setRule(answers)
  try {
    const prefix = how.keyless ? 'keyless' : 'keyed'
    await load({ client, debts, count: how.count, clients, random, prefix })
  } finally {
    world.toDatabase.setRule(passing)
    world.toService.setRule(passing)
  }
  const ids = debts.map(({ id }) => id)
  const reconciled = await reconcile(world.admin, client.journal, ids)
  return { ...reconciled, commitCuts: commits.struck(), answerCuts: answers.struck() }
}
