/**
 * A connection of the writer: a turn costs two round trips on it, and it comes back by itself. Nobody
 * else uses it, so nothing can slip between a turn's BEGIN and its COMMIT.
 */
import type { Log } from '@quits/kit/log'
import {
  type Connection,
  databaseFault,
  endSilence,
  isConnectionLost,
  RolledBackError,
} from '@quits/kit/postgres'
import pg from 'pg'
import type { Statement } from '../statement.ts'
import { type Batches, makeBatches } from './statement-batch.ts'

/** What a turn does between BEGIN and COMMIT. */
export interface TurnPlan<R> {
  result: R
  /** They leave together, and COMMIT with them. */
  statements: Statement[]
  /** What cannot be said beforehand; it runs after the statements, one after the other. */
  besides: ((client: Connection) => Promise<void>)[]
}

export interface TurnConnection {
  /** Resolves after COMMIT came back as COMMIT. */
  transaction<R>(plan: (client: Connection) => Promise<TurnPlan<R>>): Promise<R>
  close(): Promise<void>
}

// The planner takes an unnest for a hundred rows and more, and would hash or sort whole tables for a
// turn of sixty: every look-up of the writer is an index descent, in the order of the index. One plan
// per statement is enough; planning anew for each turn's arrays costs more than running.
const plans = [
  'enable_seqscan=off',
  'enable_hashjoin=off',
  'enable_mergejoin=off',
  'enable_bitmapscan=off',
  'jit=off',
  'plan_cache_mode=force_generic_plan',
]
  .map((setting) => `-c ${setting}`)
  .join(' ')

export const makeTurnConnection = (options: { url: string; log: Log }): TurnConnection => {
  let current: Promise<Line> | undefined

  const open = async (): Promise<Line> => {
    const client = new pg.Client({
      connectionString: withPlans(options.url),
      application_name: 'expenses-writer',
      connectionTimeoutMillis: 3_000,
      statement_timeout: 3_000,
      lock_timeout: 1_000,
      idle_in_transaction_session_timeout: 10_000,
    })
    const lost = () => {
      current = undefined
    }
    client.on('error', (error) => {
      options.log.warn({ err: error }, 'the writer lost a connection')
      lost()
    })
    client.on('end', lost)
    await client.connect()
    endSilence(client)
    return { client, batches: makeBatches(client, () => void drop(client)) }
  }

  const drop = async (client: pg.Client) => {
    current = undefined
    await client.end().catch(() => undefined)
  }

  /** Undoes what was begun, or gives the connection up. */
  const undo = async ({ client, batches }: Line, error: unknown) => {
    if (isConnectionLost(error) || isStalePlan(error)) return drop(client)
    return batches.query(rollback).catch(() => drop(client))
  }

  return {
    async transaction(plan) {
      current ??= open()
      const line = await current.catch((error: unknown) => {
        current = undefined
        throw error
      })
      try {
        const connection = line.batches as unknown as Connection
        const [, { result, statements, besides }] = await Promise.all([
          line.batches.query(begin),
          plan(connection),
        ])
        const { command } = await finish(connection, statements, besides)
        if (command !== 'COMMIT') throw new RolledBackError(`COMMIT answered ${command}`)
        return result
      } catch (error) {
        await undo(line, error)
        throw error
      }
    },
    async close() {
      const line = await current?.catch(() => undefined)
      if (line !== undefined) await drop(line.client)
    },
  }
}

interface Line {
  client: pg.Client
  batches: Batches
}

const begin: Statement = { name: 'begin', text: 'BEGIN', values: [] }
const commit: Statement = { name: 'commit', text: 'COMMIT', values: [] }
const rollback: Statement = { name: 'rollback', text: 'ROLLBACK', values: [] }

/** Sends the statements and COMMIT; what runs beside comes between them. */
const finish = async (
  connection: Connection,
  statements: Statement[],
  besides: TurnPlan<unknown>['besides'],
): Promise<pg.QueryResult> => {
  const sent = statements.map((statement) => connection.query(statement))
  if (besides.length === 0) {
    const [committed] = await Promise.all([connection.query(commit), ...sent])
    return committed
  }
  await Promise.all(sent)
  for (const beside of besides) await beside(connection)
  return connection.query(commit)
}

const withPlans = (url: string): string => {
  const target = new URL(url)
  const given = target.searchParams.get('options')
  target.searchParams.set('options', given === null ? plans : `${given} ${plans}`)
  return target.href
}

// A statement that this connection prepared before the tables changed (feature_not_supported: cached plan
// must not change result type), or that the server does not know (invalid_sql_statement_name).
const isStalePlan = (error: unknown) => /^(0A000|26000)$/.test(databaseFault(error)?.sqlState ?? '')

// Serialization, deadlock, lock and statement time-outs, a rival that inserted the same book or key first.
const passingState = /^(40001|40P01|55P03|23505|57014)$/

/** May the same turn succeed when it runs again? */
export const passing = (error: unknown): boolean => {
  if (isConnectionLost(error)) return true
  const fault = databaseFault(error)
  if (fault !== undefined) return passingState.test(fault.sqlState)
  return error instanceof Error && error.name === 'RolledBackError'
}
