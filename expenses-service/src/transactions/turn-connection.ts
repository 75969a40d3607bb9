/**
 * A connection of the writer: pipelined, so that a turn costs two round trips, and comes back by
 * itself. Nobody else uses it, so nothing can slip between a turn's BEGIN and its COMMIT.
 */
import type { Socket } from 'node:net'
import type { Log } from '@quits/kit/log'
import {
  type Connection,
  databaseFault,
  isConnectionLost,
  RolledBackError,
} from '@quits/kit/postgres'
import pg from 'pg'
import type { Statement } from '../statement.ts'

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

// The planner takes an unnest for a hundred rows and more, and would hash whole tables for a turn of
// sixty: every look-up of the writer is an index descent. One plan per statement is enough; planning
// anew for each turn's arrays costs more than running.
const plans = [
  'enable_seqscan=off',
  'enable_hashjoin=off',
  'enable_mergejoin=off',
  'jit=off',
  'plan_cache_mode=force_generic_plan',
]
  .map((setting) => `-c ${setting}`)
  .join(' ')

export const makeTurnConnection = (options: { url: string; log: Log }): TurnConnection => {
  let current: Promise<pg.Client> | undefined

  const open = async (): Promise<pg.Client> => {
    const client = new pg.Client({
      connectionString: withPlans(options.url),
      application_name: 'expenses-writer',
      connectionTimeoutMillis: 3_000,
      statement_timeout: 3_000,
      lock_timeout: 1_000,
      idle_in_transaction_session_timeout: 10_000,
      query_timeout: 5_000,
      pipeline: true,
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
    return client
  }

  const drop = async (client: pg.Client) => {
    current = undefined
    await client.end().catch(() => undefined)
  }

  return {
    async transaction(plan) {
      current ??= open()
      const client = await current.catch((error: unknown) => {
        current = undefined
        throw error
      })
      try {
        const { begun, planned } = together(client, () => ({
          begun: client.query('BEGIN'),
          planned: plan(client as unknown as Connection),
        }))
        const [, { result, statements, besides }] = await Promise.all([begun, planned])
        const { command } = await finish(client, statements, besides)
        if (command !== 'COMMIT') throw new RolledBackError(`COMMIT answered ${command}`)
        return result
      } catch (error) {
        await client.query('ROLLBACK').catch(() => drop(client))
        throw error
      }
    },
    async close() {
      const client = await current?.catch(() => undefined)
      if (client !== undefined) await drop(client)
    },
  }
}

/** What is sent meanwhile leaves as one packet: one call of the system here, and one there. */
const together = <T>(client: pg.Client, send: () => T): T => {
  const { stream } = (client as unknown as { connection: { stream: Socket } }).connection
  stream.cork()
  try {
    return send()
  } finally {
    stream.uncork()
  }
}

/** Sends the statements and COMMIT; what runs beside comes between them. */
const finish = async (
  client: pg.Client,
  statements: Statement[],
  besides: TurnPlan<unknown>['besides'],
): Promise<pg.QueryResult> => {
  const send = () => statements.map((statement) => client.query(statement))
  if (besides.length > 0) {
    await Promise.all(together(client, send))
    for (const beside of besides) await beside(client as unknown as Connection)
    return client.query('COMMIT')
  }
  const { sent, committed } = together(client, () => ({
    sent: send(),
    committed: client.query('COMMIT'),
  }))
  // When a statement fails first, nobody waits for COMMIT any more; on a lost connection its own
  // failure, unheard, would end the process.
  committed.catch(() => undefined)
  await Promise.all(sent)
  return committed
}

const withPlans = (url: string): string => {
  const target = new URL(url)
  const given = target.searchParams.get('options')
  target.searchParams.set('options', given === null ? plans : `${given} ${plans}`)
  return target.href
}

// Serialization, deadlock, lock and statement time-outs, a rival that inserted the same book or key first.
const passingState = /^(40001|40P01|55P03|23505|57014)$/

/** May the same turn succeed when it runs again? */
export const passing = (error: unknown): boolean => {
  if (isConnectionLost(error)) return true
  const fault = databaseFault(error)
  if (fault !== undefined) return passingState.test(fault.sqlState)
  return error instanceof Error && error.name === 'RolledBackError'
}
