// A ledger for the tests of the verifier, written by the service itself: debts of every sort.
import type { PoolClient } from 'pg'
import { eur, type Scene, setScene } from '../../expenses-service/src/testing/scene.ts'
import type { Fault } from './book-check.ts'
import { checkDatabase, type Totals } from './check-database.ts'
import type { Reader } from './database.ts'

export interface TestLedger {
  scene: Scene
  /** Ten rows: posted, accepted, declined and waiting ones. */
  debtId: string
}

export const writeLedger = async (): Promise<TestLedger> => {
  const scene = await setScene()
  const debtId = await scene.openDebtWithBo()
  const path = `/v1/debts/${debtId}/transactions`
  for (const [person, kind, minor] of [
    [scene.ana, 'repayment', '500'],
    [scene.ana, 'advance', '700'],
    [scene.bo, 'advance', '300'],
    [scene.bo, 'repayment', '200'],
    [scene.ana, 'forgiveness', '100'],
    [scene.ana, 'advance', '50'],
  ] as const) {
    await scene.post(person, path, { kind, amount: eur(minor), note: `${kind} of ${minor}` })
  }
  await scene.post(scene.bo, `${path}/4/accept`)
  await scene.post(scene.ana, `${path}/6/decline`, { reason: 'paid before', amount: eur('150') })
  // Debts of every other sort: waiting, one-sided, and undone by the one it was written about.
  await scene.lend({ email: scene.bo.email })
  await scene.lend({ name: 'Grandma' })
  const owed = await scene.post(scene.ana, '/v1/debts', {
    role: 'borrower',
    counterparty: { email: scene.bo.email },
    opening: eur('900'),
    description: 'taxi',
  })
  await scene.post(scene.bo, `/v1/debts/${String(owed.body['id'])}/decline`)
  await Promise.all(
    Array.from({ length: 30 }, async (_, index) => {
      const id = await scene.openDebtWithBo()
      const entries = `/v1/debts/${id}/transactions`
      for (const minor of ['10', '20', '30']) {
        const amount = eur(String(Number(minor) + index))
        await scene.post(scene.ana, entries, { kind: 'repayment', amount, note: `no. ${index}` })
      }
    }),
  )
  return { scene, debtId }
}

export interface Seen {
  faults: Fault[]
  totals: Totals
}

/** Checks what `sql` would make of the ledger, done as a superuser and undone afterwards. */
export const checkAfter = async (scene: Scene, sql: string[]): Promise<Seen> => {
  const client = await scene.admin.connect()
  try {
    await client.query('BEGIN')
    await client.query('SET LOCAL session_replication_role = replica')
    for (const one of sql) await client.query(one)
    const faults: Fault[] = []
    const totals = await checkDatabase(nested(client), (fault) => faults.push(fault))
    return { faults, totals }
  } finally {
    await client.query('ROLLBACK')
    client.release()
  }
}

// Inside of a transaction that is open already: a snapshot of its own would not see ours.
const nested = (client: PoolClient): Reader => ({
  query: ((asked: string, values?: unknown[]) =>
    /^(BEGIN|ROLLBACK)/.test(asked)
      ? Promise.resolve({ rows: [] })
      : client.query(asked, values)) as Reader['query'],
})
