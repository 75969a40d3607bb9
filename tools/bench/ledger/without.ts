// W8's other side: the service as it would be without idempotency keys and hash chain. Built here by
// putting three of its modules in other hands; the service itself knows no such switch.
import { fileURLToPath } from 'node:url'
import { withClient } from '../databases.ts'
import type { Expenses } from '../ground.ts'
import { fillLedger, size } from './data.ts'
import type { Bench } from './section.ts'

export const preload = fileURLToPath(new URL('without/preload.ts', import.meta.url))

/** On a database of its own: its rows would not pass the ledger's check. */
export async function startWithout({ ground, plan }: Bench): Promise<Expenses> {
  plan.say('filling a ledger without keys and chain')
  const name = 'bench_without'
  const databaseUrl = await ground.makeDatabase(name)
  await fillLedger(databaseUrl, size)
  return ground.startExpenses({ relay: false, beside: { name, databaseUrl }, preload })
}

/** What it wrote must be without, or the ratio compared a thing with itself. */
export async function faultsOfWithout({ databaseUrl }: Expenses): Promise<string[]> {
  const { rows } = await withClient(databaseUrl, (client) =>
    client.query<{ written: number; sealed: number }>(
      `SELECT count(*)::int AS written, count(*) FILTER (WHERE key IS NOT NULL
         OR request_hash IS NOT NULL OR hash <> decode(repeat('00', 32), 'hex'))::int AS sealed
       FROM transactions WHERE seq > 1`,
    ),
  )
  const [{ written, sealed } = { written: 0, sealed: 0 }] = rows
  if (written === 0) return ['nothing was written without keys and chain']
  return sealed === 0 ? [] : [`${sealed} rows that should have neither have key or hash`]
}
