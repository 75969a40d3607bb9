// G8: the service cannot rewrite history, and whoever can is found out.
import type { Connection } from '@quits/kit/postgres'
import { brokenRows, type ChainRow, chainRows } from '../chain.ts'
import { load, openDebts } from '../debts.ts'
import { makeLedgerClient } from '../ledger-client.ts'
import type { Run, Scenario } from '../scenario.ts'
import type { World } from '../world.ts'

const denied = '42501'
const journalTables = ['transactions', 'bundles']

/** One changed thing each, in a row named by its book and seq. */
const forgeries = [
  'UPDATE transactions SET postings[1].amount_minor = postings[1].amount_minor + 1 WHERE $row',
  `UPDATE transactions SET amount_minor = amount_minor + 1 WHERE $row`,
  `UPDATE transactions SET occurred_on = occurred_on + 1 WHERE $row`,
  `UPDATE transactions SET kind = overlay(kind PLACING 'x' FROM 2) WHERE $row`,
  `UPDATE transactions SET balance_minor = balance_minor - 1 WHERE $row`,
  `UPDATE transactions SET at = at + interval '1 ms' WHERE $row`,
  `UPDATE transactions SET entered_by = gen_random_uuid() WHERE $row`,
  `UPDATE transactions SET hash = set_byte(hash, 7, get_byte(hash, 7) # 1) WHERE $row`,
  `UPDATE transactions SET prev_hash = set_byte(prev_hash, 9, get_byte(prev_hash, 9) # 1) WHERE $row`,
  `UPDATE transaction_words SET note = note || '.' WHERE $row`,
]

export const appendOnly: Scenario = {
  id: 'G8',
  what: 'the service has no right to change history; one changed byte in any row is named',
  needs: 'any',
  async play(world, run) {
    const { tried, allowed } = await tryRights(world)
    const ids = await writeHistory(world, run)
    const forged = await forge(world, ids, run)
    const { rows, missed, missedByTwin } = forged
    return {
      figures: {
        statementsRefused: tried - allowed.length,
        forged: rows,
        named: rows - missed.length,
      },
      faults: [
        ...allowed.map((sql) => `the service may: ${sql}`),
        ...missed.slice(0, 20).map((what) => `not named: ${what}`),
        ...brokenRows(await chainRows(world.admin, ids)),
      ],
      struck: rows,
      twinCaught: missedByTwin > 0 && (await grantIsNoticed(world)),
    }
  },
}

/** Every statement that could change or remove a row of the journal, as the service's role. */
async function tryRights({ admin }: World): Promise<{ tried: number; allowed: string[] }> {
  const { rows } = await admin.query<{ table: string; column: string }>(
    `SELECT table_name AS table, column_name AS column FROM information_schema.columns
     WHERE table_schema = 'public' AND table_name = ANY($1)`,
    [journalTables],
  )
  const statements = [
    ...rows.map(({ table, column }) => `UPDATE ${table} SET ${column} = ${column}`),
    ...journalTables.flatMap((table) => [`DELETE FROM ${table}`, `TRUNCATE ${table}`]),
  ]
  const connection = await admin.connect()
  const allowed: string[] = []
  try {
    for (const sql of statements) if (await mayRun(connection, sql)) allowed.push(sql)
  } finally {
    connection.release()
  }
  return { tried: statements.length, allowed }
}

async function mayRun(connection: Connection, sql: string): Promise<boolean> {
  await connection.query('BEGIN')
  try {
    await connection.query('SET LOCAL ROLE quits_expenses')
    await connection.query(sql)
    return true
  } catch (error) {
    if ((error as { code?: string }).code === denied) return false
    throw error
  } finally {
    await connection.query('ROLLBACK')
  }
}

/** The twin of the rights: one column opened by hand has to be noticed. */
async function grantIsNoticed({ admin }: World): Promise<boolean> {
  await admin.query('GRANT UPDATE (amount_minor) ON transactions TO quits_expenses')
  const connection = await admin.connect()
  try {
    return await mayRun(connection, 'UPDATE transactions SET amount_minor = amount_minor')
  } finally {
    connection.release()
    await admin.query('REVOKE UPDATE (amount_minor) ON transactions FROM quits_expenses')
  }
}

async function writeHistory(world: World, { random, short }: Run): Promise<string[]> {
  const debts = await openDebts(world, short ? 4 : 10)
  const client = makeLedgerClient({ call: world.callDirectly, random })
  const count = short ? 100 : 1_000
  await load({ client, debts, count, clients: 4, random, prefix: 'forge' })
  return debts.map(({ id }) => id)
}

/** Forges each row in turn, under a transaction that is taken back, and asks who is named. */
async function forge({ admin }: World, ids: string[], { random }: Run) {
  const rows = (await chainRows(admin, ids)).filter(({ seq }) => seq > 2)
  const missed: string[] = []
  let missedByTwin = 0
  const connection = await admin.connect()
  try {
    for (const { book, seq } of rows) {
      const sql = forgeries[random.whole(0, forgeries.length - 1)] ?? ''
      await connection.query('BEGIN')
      await connection.query(sql.replace('$row', `book_id = '${book}' AND seq = ${seq}`))
      const found = await chainRows(connection, [book])
      await connection.query('ROLLBACK')
      const named = `row ${book}:${seq} `
      if (!brokenRows(found).some((what) => what.startsWith(named))) missed.push(`${named}${sql}`)
      if (!linksOnly(found).some((what) => what.startsWith(named))) missedByTwin += 1
    }
  } finally {
    connection.release()
  }
  return { rows: rows.length, missed, missedByTwin }
}

/** The broken twin of the verifier: it believes each row and looks at the links alone. */
function linksOnly(rows: ChainRow[]): string[] {
  return rows.flatMap(({ book, seq, prev_hash }, index) => {
    const before = rows[index - 1]
    return before !== undefined && before.hash !== prev_hash ? [`row ${book}:${seq} link`] : []
  })
}
