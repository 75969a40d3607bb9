/**
 * Numbered plain SQL migrations. Each runs once, in its own transaction, under one advisory lock;
 * a file that was changed after it ran stops everything.
 */
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { databaseFault } from './postgres.ts'

const fileName = /^(\d{4})_[a-z0-9_]+\.sql$/
// Any constant of our own; two migrators of one database wait for each other on it.
const lockKey = 7_158_278_826n
/** How long to wait for another migrator, or for a table that somebody holds. */
const lockMsDefault = 60_000
const lockNotAvailable = '55P03'

/**
 * Brings the database at `url` up to the newest file in `folder`; the journal is the table
 * `<schema>.migrations`. Returns the names that were applied now.
 */
export const migrate = async (options: {
  url: string
  folder: string
  schema: string
  lockMsMax?: number
}): Promise<string[]> => {
  const files = (await readdir(options.folder)).filter((name) => name.endsWith('.sql')).sort()
  assertNumbered(files)
  const lockMsMax = options.lockMsMax ?? lockMsDefault
  const client = new pg.Client({
    connectionString: options.url,
    application_name: 'migrate',
    lock_timeout: lockMsMax,
  })
  // Whoever waits for an answer hears of a lost line from it; unheard here, it would end the process.
  client.on('error', () => undefined)
  await client.connect()
  try {
    await takeLock(client, lockMsMax)
    const schema = pg.escapeIdentifier(options.schema)
    await client.query(`CREATE SCHEMA IF NOT EXISTS ${schema}`)
    await client.query(
      `CREATE TABLE IF NOT EXISTS ${schema}.migrations (
         name text PRIMARY KEY, sha256 text NOT NULL, at timestamptz NOT NULL DEFAULT now())`,
    )
    const applied: string[] = []
    for (const name of files) {
      const text = await readFile(join(options.folder, name), 'utf8')
      if (await applyOnce(client, schema, name, text)) applied.push(name)
    }
    return applied
  } finally {
    await client.end()
  }
}

const takeLock = async (client: pg.Client, lockMsMax: number) => {
  try {
    await client.query('SELECT pg_advisory_lock($1)', [lockKey])
  } catch (error) {
    if (databaseFault(error)?.sqlState !== lockNotAvailable) throw error
    const waited = `after ${lockMsMax / 1_000} s`
    throw new Error(`another migration of this database is still running ${waited}`, {
      cause: error,
    })
  }
}

const assertNumbered = (files: string[]) => {
  for (const [index, name] of files.entries()) {
    const number = fileName.exec(name)?.[1]
    if (Number(number) !== index + 1)
      throw new Error(`migration ${name} is not number ${index + 1}`)
  }
}

const applyOnce = async (client: pg.Client, schema: string, name: string, text: string) => {
  const sha256 = createHash('sha256').update(text).digest('hex')
  const { rows } = await client.query<{ sha256: string }>(
    `SELECT sha256 FROM ${schema}.migrations WHERE name = $1`,
    [name],
  )
  if (rows[0] !== undefined) {
    if (rows[0].sha256 !== sha256) throw new Error(`migration ${name} was changed after it ran`)
    return false
  }
  try {
    await client.query('BEGIN')
    await client.query(text)
    await client.query(`INSERT INTO ${schema}.migrations (name, sha256) VALUES ($1, $2)`, [
      name,
      sha256,
    ])
    const { command } = await client.query('COMMIT')
    if (command !== 'COMMIT') throw new Error(`COMMIT answered ${command}`)
  } catch (error) {
    // If it cannot be said, the end of the connection says it; the first fault is what matters.
    await client.query('ROLLBACK').catch(() => undefined)
    throw new Error(`migration ${name} failed`, { cause: error })
  }
  return true
}
