// The end of every run: what the clients were told, against what the database holds.
import type { Pool } from '@quits/kit/postgres'
import { audit } from './audit.ts'
import type { Journal } from './ledger-client.ts'

export interface Reconciled {
  acknowledged: number
  lost: number
  doubled: number
  /** Everything that is wrong, in words; empty after a good run. */
  faults: string[]
}

interface Stored {
  place: string
  key: string | null
  name: string | null
}

const faultsShownMax = 20

/** Compares the whole journal of a run with the books it was about. */
export async function reconcile(
  admin: Pool,
  journal: Journal,
  bookIds: string[],
): Promise<Reconciled> {
  const { rows } = await admin.query<Stored>(
    `SELECT t.book_id || ':' || t.seq AS place, t.key, w.note AS name FROM transactions t
     LEFT JOIN transaction_words w ON (w.book_id, w.seq) = (t.book_id, t.seq)
     WHERE t.book_id = ANY($1)`,
    [bookIds],
  )
  const byName = new Map<string, Stored[]>()
  for (const row of rows) {
    if (row.name !== null) byName.set(row.name, [...(byName.get(row.name) ?? []), row])
  }
  const faults = journal.unclassified.map((what) => `nobody classified: ${what}`)
  let lost = 0
  let doubled = 0
  for (const { intent, key, fate, seq } of journal.outcomes) {
    const stored = byName.get(intent.name) ?? []
    const fault = (what: string) => faults.push(`${intent.name} (${fate}): ${what}`)
    if (stored.length > 1) {
      doubled += stored.length - 1
      fault(`stored ${stored.length} times`)
    }
    if (fate === 'open') fault('its outcome was never known')
    if (fate === 'refused' && stored.length > 0) fault('refused, and stored all the same')
    if (fate !== 'done') continue
    const there = stored.find((row) => row.place === `${intent.debtId}:${seq}` && row.key === key)
    if (there === undefined) {
      lost += 1
      fault(`acknowledged as row ${seq}, which is not there`)
    }
  }
  for (const { what } of await audit(admin, bookIds)) faults.push(what)
  const acknowledged = journal.outcomes.filter(({ fate }) => fate === 'done').length
  return { acknowledged, lost, doubled, faults: faults.slice(0, faultsShownMax) }
}
