/** A database of its own for one test file, migrated, seen through the service's own role. */
import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { makeLog } from '@quits/kit/log'
import { migrate } from '@quits/kit/migrations'
import { makePool, type Pool } from '@quits/kit/postgres'
import pg from 'pg'

const folder = fileURLToPath(new URL('../../migrations', import.meta.url))
// Roles belong to the whole server: two files that migrate at once would both create them.
export const migratingLockKey = 7_158_278_827n

export interface TestDatabase {
  /** Works as role quits_expenses: rights are tested along the way. */
  pool: Pool
  /** Works as the owner, to look and to age rows. */
  admin: Pool
  url: string
  drop(): Promise<void>
}

const withServer = async <T>(url: string, act: (server: pg.Client) => Promise<T>): Promise<T> => {
  const server = new pg.Client({ connectionString: url })
  await server.connect()
  try {
    return await act(server)
  } finally {
    await server.end()
  }
}

/** Call `drop` in afterAll. Needs POSTGRES_URL of a superuser. */
export const makeTestDatabase = async (): Promise<TestDatabase> => {
  const serverUrl = process.env['POSTGRES_URL']
  if (serverUrl === undefined) throw new Error('POSTGRES_URL is missing')
  const name = `test_${randomBytes(8).toString('hex')}`
  const owner = new URL(serverUrl)
  owner.pathname = `/${name}`
  await withServer(serverUrl, async (server) => {
    await server.query('SELECT pg_advisory_lock($1)', [migratingLockKey])
    await server.query(`CREATE DATABASE ${name}`)
    await migrate({ url: owner.href, folder, schema: 'public' })
  })
  const service = new URL(owner)
  service.searchParams.set('options', '-c role=quits_expenses')
  const log = makeLog({ service: 'test', level: 'silent' })
  const pool = makePool({ url: service.href, name: 'test', connectionsMax: 12, log })
  const admin = makePool({ url: owner.href, name: 'test-admin', connectionsMax: 2, log })
  return {
    pool,
    admin,
    url: service.href,
    async drop() {
      await Promise.all([pool.end(), admin.end()])
      await withServer(serverUrl, (server) => server.query(`DROP DATABASE ${name} WITH (FORCE)`))
    },
  }
}
