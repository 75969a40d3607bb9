// G11: from a COMMIT in the ledger to a row in a feed, while everything between them dies.
import { load, openDebts, type Debt } from '../debts.ts'
import { areStored, countRows, type DueEvent, faultsOfStore } from '../feed/checks.ts'
import { faultsOfCommitFirst } from '../feed/commit-first.ts'
import type { FeedWorld } from '../feed/world.ts'
import { makeLedgerClient } from '../ledger-client.ts'
import type { Run, Scenario } from '../scenario.ts'
import { openWorld, type World } from '../world.ts'

const debtCount = 16
const clients = 16
const brokerKilledEvery = 4
const lagMsMax = 5_000
const storedMsMax = 120_000

export const fromLedgerToFeed: Scenario<FeedWorld> = {
  id: 'G11',
  what: 'relay and notifier killed 20 times each, the broker 5 times: every event once in every feed, in order',
  needs: 'any',
  async play(world, run) {
    const { bench } = world
    const broker = { kafkaUrl: bench.env.KAFKA_URL, prefix: bench.prefix }
    const ledger = await openWorld({ name: 'feed-ledger', direct: true, broker })
    // For a run that is stopped in the middle.
    world.house.onStop('proxy', () => ledger.house.stop())
    try {
      return await play(world, ledger, run)
    } finally {
      await ledger.close()
    }
  },
}

async function play(world: FeedWorld, ledger: World, run: Run) {
  const rounds = run.short ? 4 : 20
  const entries = run.short ? 400 : 10_000
  const before = await countRows(world)
  const debts = await openDebts(ledger, debtCount)
  const { random } = run
  const client = makeLedgerClient({ call: ledger.call, random })
  let brokerKills = 0
  let lagMs = 0
  for (let round = 1; round <= rounds; round += 1) {
    const count = Math.ceil(entries / rounds)
    const loading = load({ client, debts, count, clients, random, prefix: `round-${round}` })
    const strikes = [strike(ledger.service.process), strike(world.notifier.process)]
    await Promise.all(strikes)
    if (round % brokerKilledEvery === 0) {
      await strike(world.servers.kafka)
      brokerKills += 1
    }
    await loading
    // A notifier that has not joined its group again yet would be killed for nothing.
    lagMs = await untilStored(world, before, (await journalOf(ledger, debts)).length)
  }
  const events = await journalOf(ledger, debts)
  const faults = [...client.journal.unclassified, ...(await faultsOfStore(world, events))]
  const open = client.journal.outcomes.filter(({ fate }) => fate === 'open').length
  if (open > 0) faults.push(`${open} entries were never answered`)
  if (lagMs > lagMsMax) faults.push(`whole only ${lagMs} ms after the last fault`)
  const twin = await faultsOfCommitFirst(world)
  return {
    figures: {
      events: events.length,
      relayKills: rounds,
      notifierKills: rounds,
      brokerKills,
      lagMs,
    },
    faults: faults.slice(0, 20),
    struck: Math.min(rounds, brokerKills),
    twinCaught: twin.length > 0,
  }
}

/** How long it takes until both feeds of every event have it. */
async function untilStored(world: FeedWorld, before: number, events: number): Promise<number> {
  const startedMs = Date.now()
  await areStored(world, { before, more: 2 * events }, storedMsMax)
  return Date.now() - startedMs
}

async function strike(victim: World['postgres']): Promise<void> {
  if (victim === undefined) throw new Error('this world has no broker that may be killed')
  await victim.kill('SIGKILL')
  await victim.restart()
}

/** What the ledger has committed, with those who must hear of it. */
async function journalOf({ admin }: World, debts: Debt[]): Promise<DueEvent[]> {
  const parties = new Map(
    debts.map(({ id, lender, borrower }) => [
      id,
      [lender, borrower].map(({ userId }) => ({ userId })),
    ]),
  )
  const { rows } = await admin.query<{ book: string; seq: string }>(
    'SELECT book_id AS book, seq FROM transactions WHERE book_id = ANY($1) ORDER BY book_id, seq',
    [debts.map(({ id }) => id)],
  )
  return rows.map(({ book, seq }) => ({
    id: `${book}:${seq}`,
    data: { parties: parties.get(book) ?? [] },
  }))
}
