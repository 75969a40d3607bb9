import { randomBytes } from 'node:crypto'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeLog } from './log.ts'
import { migrate } from './migrations.ts'
import { databaseFault, makePool, type Pool } from './postgres.ts'

// A database of its own: the migrators' lock is one per database.
const name = `kit_migrations_${randomBytes(4).toString('hex')}`
const admin = process.env['POSTGRES_URL'] ?? ''
const url = Object.assign(new URL(admin), { pathname: `/${name}` }).href
const log = makeLog({ service: 'test', level: 'silent' })
const makeTestPool = (at: string) => makePool({ url: at, name: 'kit-test', connectionsMax: 1, log })

let server: Pool
beforeAll(async () => {
  server = makeTestPool(admin)
  await server.query(`CREATE DATABASE ${name}`)
})
afterAll(async () => {
  await server.query(`DROP DATABASE ${name} WITH (FORCE)`)
  await server.end()
})

const migrateWith = async (schema: string, text: string, lockMsMax = 60_000) => {
  const folder = await mkdtemp(join(tmpdir(), 'quits-migrations-'))
  await writeFile(join(folder, '0001_first.sql'), text)
  return migrate({ url, folder, schema, lockMsMax })
}

test('a migration runs once', async () => {
  const text = 'CREATE TABLE once (id int)'
  expect(await migrateWith('once', text)).toEqual(['0001_first.sql'])
  expect(await migrateWith('once', text)).toEqual([])
  await expect(migrateWith('once', `${text};`)).rejects.toThrow('was changed after it ran')
})

test('a migration that loses its line says why, and not that it could not be rolled back', async () => {
  const lost = migrateWith('lost', 'SELECT pg_terminate_backend(pg_backend_pid())')
  await expect(lost).rejects.toSatisfy(
    (error: Error) =>
      error.message === 'migration 0001_first.sql failed' &&
      databaseFault(error.cause)?.sqlState === '57P01',
  )
})

test('another migrator is waited for, but not for ever', async () => {
  const other = makeTestPool(url)
  await other.query('SELECT pg_advisory_lock(7158278826)')
  const text = 'CREATE TABLE waited (id int)'
  await expect(migrateWith('waited', text, 100)).rejects.toThrow(
    'another migration of this database is still running after 0.1 s',
  )
  const waiting = migrateWith('waited', text)
  await other.end()
  expect(await waiting).toEqual(['0001_first.sql'])
})
