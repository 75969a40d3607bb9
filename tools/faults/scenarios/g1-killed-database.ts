// G1: Postgres is killed again and again while many write to a few hot debts.
import { makeLedgerClient } from '../ledger-client.ts'
import { load, openDebts } from '../debts.ts'
import { reconcile } from '../reconcile.ts'
import type { Run, Scenario } from '../scenario.ts'
import type { World } from '../world.ts'

const clients = 16
const hotDebts = 4

export const killedDatabase: Scenario = {
  id: 'G1',
  what: 'Postgres SIGKILLed under conflicting writes: nothing lost, nothing doubled, sums hold',
  needs: 'own-postgres',
  async play(world, run) {
    const kills = run.short ? 10 : 50
    const count = run.short ? 1_000 : 10_000
    const safe = await bombard(world, run, { kills, count, prefix: 'safe' })
    const twin = await withoutDurability(world, () =>
      bombard(world, run, { kills: 1, count: 200, prefix: 'unsafe' }),
    )
    return {
      figures: {
        posts: safe.acknowledged,
        kills: safe.kills,
        brokenCalls: safe.broken,
        lost: safe.lost,
        doubled: safe.doubled,
        twinLost: twin.lost,
      },
      faults: safe.faults,
      struck: Math.min(safe.kills, safe.broken),
      twinCaught: twin.faults.length > 0,
    }
  },
}

async function bombard(
  world: World,
  run: Run,
  plan: { kills: number; count: number; prefix: string },
) {
  const { postgres } = world
  if (postgres === undefined) throw new Error('this world has no Postgres that may be killed')
  const debts = await openDebts(world, hotDebts)
  const { random } = run
  const client = makeLedgerClient({ call: world.call, random })
  const { met, outcomes } = client.journal
  const { count, prefix } = plan
  let kills = 0
  const over = new AbortController()
  const loading = load({ client, debts, count, clients, random, prefix }).finally(() =>
    over.abort(),
  )
  const killing = (async () => {
    while (kills < plan.kills && !over.signal.aborted) {
      // Not at round figures: somewhere between two of them.
      const step = count / (plan.kills + 1)
      const due = Math.floor(step * kills + random.whole(1, Math.max(1, Math.floor(step))))
      await reached(() => met.done >= due || over.signal.aborted)
      if (over.signal.aborted) return
      await postgres.kill('SIGKILL')
      kills += 1
      await postgres.restart()
    }
  })()
  await Promise.all([loading, killing])
  const reconciled = await reconcile(
    world.admin,
    client.journal,
    debts.map(({ id }) => id),
  )
  return { ...reconciled, kills, broken: met.ambiguous + met.transient, outcomes }
}

/** Polls each event-loop turn; the load runs in the same process and moves it on. */
async function reached(isReached: () => boolean): Promise<void> {
  while (!isReached()) await new Promise((resolve) => setTimeout(resolve, 1))
}

/** The broken twin: a database that answers COMMIT before it wrote anything down. */
async function withoutDurability<T>(world: World, act: () => Promise<T>): Promise<T> {
  const { admin, databaseUrl, postgres } = world
  const name = new URL(databaseUrl).pathname.slice(1)
  await admin.query(`ALTER DATABASE ${name} SET synchronous_commit = off`)
  await admin.query(`ALTER SYSTEM SET wal_writer_delay = '10s'`)
  await admin.query(`ALTER SYSTEM SET wal_writer_flush_after = '1GB'`)
  await postgres?.restart()
  try {
    return await act()
  } finally {
    await admin.query(`ALTER DATABASE ${name} RESET synchronous_commit`)
    await admin.query('ALTER SYSTEM RESET ALL')
    await postgres?.restart()
  }
}
