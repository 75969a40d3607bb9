/** Postgres pools with the time budget of the design: statement 3 s, lock 1 s, connect 3 s, silence 5 s. */
import type { Socket } from 'node:net'
import pg from 'pg'
import type { Log } from './log.ts'

// int8 arrives as text: an amount must never pass through a float.
const int8TypeId = 20
pg.types.setTypeParser(int8TypeId, (text) => BigInt(text))
// Postgres writes an instant of a session in UTC as `2026-11-28 16:10:00.123+00`.
const timestamptzTypeId = 1184
const parseInstant = pg.types.getTypeParser(timestamptzTypeId)
pg.types.setTypeParser(timestamptzTypeId, (text) =>
  text.endsWith('+00') && text[4] === '-'
    ? new Date(`${text.slice(0, -3).replace(' ', 'T')}Z`)
    : parseInstant(text),
)
// A civil date stays the text it is; a Date would shift it by the time zone.
const dateTypeId = 1082
pg.types.setTypeParser(dateTypeId, (text) => text)

/**
 * For a server that fell silent: above its own statement time-out, so that one which still answers
 * says so itself. Without it a connection whose other end is gone would hold its caller for minutes.
 */
const silenceMsMax = 5_000
const silent = 'Query read timeout'

/**
 * Ends a connection on which an answer is waited for and nothing comes for so long. It stands in for
 * node-postgres' own `query_timeout`, which costs what `ForgettingClient` tells.
 */
export const endSilence = (client: pg.ClientBase, withinMs = silenceMsMax): void => {
  const line = client as unknown as Line
  const { stream } = line.connection
  stream.setTimeout(withinMs)
  // An idle connection is silent, too, and each question starts the clock again.
  stream.on('timeout', () => {
    if (!line.readyForQuery) stream.destroy(new Error(silent))
  })
}

/** What node-postgres' types do not tell of a client. */
interface Line {
  connection: { stream: Socket }
  /** Nothing is asked that is not answered. */
  readyForQuery: boolean
}

/**
 * node-postgres' client, but for the promise of an answer. V8 takes a function literal that is
 * assigned to a property for a method, and makes it in the old generation, where all that it leads to
 * stays until the next full collection. node-postgres does so for each promise and each time-out: the
 * query, its values and its rows stayed with them, 2.5 MB a second at 300 entries a second.
 */
class ForgettingClient extends pg.Client {
  override query(asked: unknown, values?: unknown, callback?: unknown): never {
    const ask = (...rest: unknown[]) =>
      (super.query as (...all: unknown[]) => unknown).apply(this, [asked, values, ...rest])
    const isQuery = typeof asked === 'object' && asked !== null && 'submit' in asked
    if (isQuery || typeof values === 'function' || callback !== undefined) {
      return ask(callback) as never
    }
    return new Promise((resolve, reject) => {
      ask((error: Error | null, result: unknown) =>
        error === null ? resolve(result) : reject(error),
      )
    }) as never
  }
}

export type Pool = pg.Pool
export type Connection = pg.PoolClient

/**
 * A bounded pool. int8 values are bigint, dates are text. A connection that breaks is dropped; whoever
 * worked on it hears so from their query, and nobody else.
 */
export const makePool = (options: {
  url: string
  name: string
  connectionsMax: number
  log: Log
  /** How long an answer may take; only a tool that reads everything needs more. */
  silenceMsMax?: number
}): Pool => {
  const pool = new pg.Pool({
    Client: ForgettingClient,
    connectionString: options.url,
    application_name: options.name,
    max: options.connectionsMax,
    connectionTimeoutMillis: 3_000,
    idleTimeoutMillis: 60_000,
    statement_timeout: 3_000,
    lock_timeout: 1_000,
    idle_in_transaction_session_timeout: 10_000,
    keepAlive: true,
  })
  // Each connection reports its own loss, whether it is idle or at work: the pool listens only while
  // it is idle, and an error that nobody listens to would end the process.
  pool.on('connect', (connection) => {
    endSilence(connection, options.silenceMsMax)
    connection.on('error', (error) => options.log.warn({ err: error }, 'database connection lost'))
  })
  pool.on('error', () => undefined)
  return pool
}

/** Thrown when COMMIT did not come back as COMMIT: the transaction did not happen. */
export class RolledBackError extends Error {
  override name = 'RolledBackError'
}

/**
 * Runs `act` in one transaction. Answers only after COMMIT was confirmed *as COMMIT*: a failed
 * transaction fulfils its COMMIT with the command ROLLBACK.
 */
export const inTransaction = async <T>(
  pool: Pool,
  act: (connection: Connection) => Promise<T>,
): Promise<T> => {
  const connection = await pool.connect()
  let broken = true
  try {
    await connection.query('BEGIN')
    const result = await act(connection)
    const { command } = await connection.query('COMMIT')
    if (command !== 'COMMIT') throw new RolledBackError(`COMMIT answered ${command}`)
    broken = false
    return result
  } catch (error) {
    // A server that fell silent would hold the caller once more; closing the line undoes all of it.
    broken =
      isConnectionLost(error) ||
      (await connection.query('ROLLBACK').then(
        () => false,
        () => true,
      ))
    throw error
  } finally {
    connection.release(broken)
  }
}

/** SQLSTATE and constraint of a database error, or undefined for any other error. */
export const databaseFault = (
  error: unknown,
): { sqlState: string; constraint: string | undefined } | undefined =>
  error instanceof pg.DatabaseError && error.code !== undefined
    ? { sqlState: error.code, constraint: error.constraint }
    : undefined

// Class 08: connection exceptions; 57P0x: the server stops, crashed, or ends this connection.
const lostState = /^(08...|57P0.)$/
const lostCodes = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND'])
// node-postgres gives these no code.
const lostWords =
  /^Connection terminated|^Client has encountered|^Query read timeout|^timeout e|not queryable/

/** Was it the line to the database that failed, or its silence, rather than the statement? */
export const isConnectionLost = (error: unknown): boolean => {
  const fault = databaseFault(error)
  if (fault !== undefined) return lostState.test(fault.sqlState)
  if (!(error instanceof Error)) return false
  return ('code' in error && lostCodes.has(String(error.code))) || lostWords.test(error.message)
}
