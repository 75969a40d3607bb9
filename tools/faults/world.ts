// Where a scenario plays: a database of its own, expenses-service as a process, a fault proxy on each
// side of it, people with sessions, and a supervisor's hand on every process.
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { makeLog } from '@quits/kit/log'
import { migrate } from '@quits/kit/migrations'
import { makePool, type Pool } from '@quits/kit/postgres'
import pg from 'pg'
import { makePerson, type Person } from '../../expenses-service/src/testing/people.ts'
import { makeAccessTokens } from '../../expenses-service/src/users/access-token.ts'
import { openHouse, type House } from '../launcher/house.ts'
import { repoDir } from '../launcher/node-flags.ts'
import { startServer } from '../launcher/servers.ts'
import type { Supervised } from '../launcher/supervise.ts'
import { postgres } from '../servers/postgres.ts'
import { auditMsMax } from './audit.ts'
import { type Call, makeCall } from './http-call.ts'
import { httpFrames } from './proxy/http-frames.ts'
import { postgresFrames } from './proxy/postgres-frames.ts'
import { startTcpProxy, type TcpProxy } from './proxy/tcp-proxy.ts'
import { type Broker, type ServiceProcess, startService } from './service.ts'

export interface Signed extends Person {
  token: string
}

export interface World {
  /** As the owner of the database, past every proxy. */
  admin: Pool
  databaseUrl: string
  service: ServiceProcess
  /** Between the service and Postgres. */
  toDatabase: TcpProxy
  /** Between the clients and the service; `call` goes through it. */
  toService: TcpProxy
  call: Call
  /** Calls past the proxy. */
  callDirectly: Call
  person: (name: string) => Promise<Signed>
  /** Tokens signed by another key or for another time, for people who should not get in. */
  sign: (who: Person, how?: { seed?: Buffer; atMs?: number }) => Promise<string>
  /** Only where the world has a Postgres of its own. */
  postgres: Supervised | undefined
  house: House
  /** Deaths of the service that nobody ordered, each told once. */
  deaths: () => string[]
  close: () => Promise<void>
}

export interface WorldOptions {
  /** Names the data folder: `.data/faults-NAME`. Two worlds at once need two names. */
  name: string
  /** A superuser's address; without one the world starts a Postgres of its own. */
  postgresUrl?: string | undefined
  /** Called before the world's own Postgres starts, with the folder that it will live in. */
  prepare?: (postgresFolder: string) => Promise<void>
  /** Where the service takes its events; without it they stay in the outbox. */
  broker?: Broker
  /** The service talks to Postgres without the proxy, to meet a dead server itself. */
  direct?: boolean
}

// Roles belong to the whole server: two databases that migrate at once would both create them.
const migratingLockKey = 7_158_278_827n
const tokenSeconds = 3_600

/** Builds it all; on failure nothing is left behind. */
export async function openWorld(options: WorldOptions): Promise<World> {
  const dataDir = join(repoDir, '.data', `faults-${options.name}`)
  const env = { ...process.env }
  delete env['POSTGRES_URL']
  const house = await openHouse({ dataDir, env, fresh: true, print: () => undefined })
  try {
    await options.prepare?.(join(house.dataDir, postgres.name))
    return await build(house, options)
  } catch (error) {
    await house.stop()
    throw error
  }
}

async function build(house: House, options: WorldOptions): Promise<World> {
  const own = options.postgresUrl === undefined ? await startServer(postgres, house) : undefined
  const serverUrl = options.postgresUrl ?? own?.url ?? ''
  const database = await makeDatabase(serverUrl)
  const target = { host: '127.0.0.1', port: Number(new URL(serverUrl).port) }
  const toDatabase = await startTcpProxy(target, postgresFrames)
  const seen = new URL(database.url)
  seen.searchParams.set('options', '-c role=quits_expenses')
  if (options.direct !== true) {
    seen.hostname = '127.0.0.1'
    seen.port = String(toDatabase.port)
  }
  const service = await startService(house, {
    databaseUrl: seen.href,
    broker: options.broker,
  })
  const toService = await startTcpProxy({ host: '127.0.0.1', port: service.httpPort }, httpFrames)
  const log = makeLog({ service: 'faults', level: 'silent' })
  const admin = makePool({
    url: database.url,
    name: 'faults',
    connectionsMax: 4,
    silenceMsMax: auditMsMax,
    log,
  })
  admin.on('connect', (client) => void client.query(`SET statement_timeout = ${auditMsMax}`))
  // The harness looks up events by book after every command; the service never does.
  await admin.query(`CREATE INDEX ON outbox_batches USING gin (string_to_array(keys, E'\\n'))`)
  const through = makeCall(toService.port)
  const past = makeCall(service.httpPort)
  const sign: World['sign'] = async (who, { seed = service.seed, atMs } = {}) => {
    const tokens = makeAccessTokens({
      seeds: [seed],
      issuer: service.issuer,
      ttlSeconds: tokenSeconds,
      now: () => atMs ?? Date.now(),
    })
    return (await tokens.sign(who.userId, who.sessionId)).accessToken
  }
  return {
    admin,
    databaseUrl: database.url,
    service,
    toDatabase,
    toService,
    call: through.call,
    callDirectly: past.call,
    sign,
    async person(name) {
      const person = await makePerson(admin, name)
      return { ...person, token: await sign(person) }
    },
    postgres: own?.process,
    house,
    deaths: () => service.deaths.splice(0),
    async close() {
      through.close()
      past.close()
      await service.process.stop()
      await admin.end()
      await Promise.all([toDatabase.close(), toService.close()])
      if (own === undefined) await database.drop()
      await house.stop()
    },
  }
}

/** A migrated database beside the one that the address names. */
export async function makeDatabase(serverUrl: string) {
  const name = `faults_${randomBytes(8).toString('hex')}`
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  await withServer(serverUrl, async (server) => {
    await server.query('SELECT pg_advisory_lock($1)', [migratingLockKey])
    await server.query(`CREATE DATABASE ${name}`)
    const folder = join(repoDir, 'expenses-service', 'migrations')
    await migrate({ url: url.href, folder, schema: 'public' })
  })
  const drop = () =>
    withServer(serverUrl, async (server) => {
      await server.query(`DROP DATABASE ${name} WITH (FORCE)`)
    })
  return { url: url.href, drop }
}

async function withServer(url: string, act: (server: pg.Client) => Promise<void>): Promise<void> {
  const server = new pg.Client({ connectionString: url })
  await server.connect()
  try {
    await act(server)
  } finally {
    await server.end()
  }
}
