// What a bench stands on: a Postgres of its own with memory enough, Kafka when asked, expenses as a
// real process in front of them.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { claimAddresses, local } from '../launcher/addresses.ts'
import type { Addresses } from '../launcher/addresses.ts'
import type { Child } from '../launcher/child.ts'
import { openHouse } from '../launcher/house.ts'
import type { House } from '../launcher/house.ts'
import { migrate } from '../launcher/migrate.ts'
import { nodeProgram, repoDir, v8Helpers } from '../launcher/node-flags.ts'
import type { ServerName, Surroundings } from '../launcher/part.ts'
import { waitUntilReady } from '../launcher/readiness.ts'
import { resolveServer } from '../launcher/resolve.ts'
import { urlOfRole } from '../launcher/service-plans.ts'
import { kafka } from '../servers/kafka.ts'
import { mongo } from '../servers/mongo.ts'
import { postgres } from '../servers/postgres.ts'
import { redis } from '../servers/redis.ts'
import { ageLog, createDatabase } from './databases.ts'
import { findPrograms } from './programs.ts'
import type { Programs } from './programs.ts'

/**
 * Enough for pgbench at scale 50: the bench compares CPU, not caches. Files of the log are kept to be
 * written again, as in a database that has run for a while; making them is a twentieth of all work.
 */
const settings = [
  'shared_buffers=1GB',
  'max_wal_size=4GB',
  'min_wal_size=4GB',
  'checkpoint_timeout=30min',
]
/** Where nobody listens. */
export const nowhere = '127.0.0.1:9'
const stopMs = 10_000

/** Runs; `pid` is the process whose tree is its cost. */
export interface BackingServer {
  url: string
  pid: number
}

export interface Expenses {
  url: string
  pid: number
  databaseUrl: string
  stop(): Promise<void>
}

export interface ExpensesPlan {
  /** Tells whether it finds Kafka. */
  relay: boolean
  /** Its database and the ports it listens on; absent, the first of each. */
  beside?: { name: string; databaseUrl: string }
  /** A module that Node loads before the service. */
  preload?: string
  /** What it is told besides. */
  env?: Record<string, string>
}

export interface Ground {
  house: House
  at: Addresses
  programs: Programs
  postgres: BackingServer
  /** Starts Kafka if it does not run yet. */
  kafka(): Promise<BackingServer>
  /** A migrated database beside the first one; the owner's address. */
  makeDatabase(name: string): Promise<string>
  startExpenses(plan: ExpensesPlan): Promise<Expenses>
  signingKey: string
  issuer: string
}

/** Opens `dataDir`, empty, with Postgres migrated, `extra` its settings. The caller stops the house. */
export async function openGround(dataDir: string, extra: string[]): Promise<Ground> {
  const house = await openHouse({ dataDir, fresh: true })
  const programs = await findPrograms(house.cache, (doing) => console.log(`  ${doing}`))
  const database = await startBacking(house, 'postgres', [...settings, ...extra])
  await ageLog(database.url)
  await migrate(database.url, house.secrets, house.progress)
  const at = await claimAddresses(house)
  let broker: Promise<BackingServer> | undefined
  return {
    house,
    at,
    programs,
    postgres: database,
    signingKey: house.secrets('signing-key'),
    issuer: at.frontDoor,
    async kafka() {
      broker ??= startBacking(house, 'kafka')
      return broker
    },
    async makeDatabase(name) {
      const url = await createDatabase(database.url, name)
      await migrate(url, house.secrets, house.progress)
      return url
    },
    async startExpenses(plan) {
      if (plan.relay) broker ??= startBacking(house, 'kafka')
      const kafkaUrl = plan.relay ? ((await broker)?.url ?? nowhere) : nowhere
      const databaseUrl = plan.beside?.databaseUrl ?? database.url
      return startExpenses(house, plan, { databaseUrl, kafkaUrl, publicUrl: at.frontDoor })
    },
  }
}

const servers = { postgres, kafka, redis, mongo }

/** Starts one with `extra` settings of its command line. */
export async function startBacking(
  house: House,
  name: keyof typeof servers & ServerName,
  extra: string[] = [],
): Promise<BackingServer> {
  const server = servers[name]
  const here: Surroundings = {
    dataDir: join(house.dataDir, name),
    stackDir: house.dataDir,
    cache: house.cache,
    ports: house.ports,
    secrets: house.secrets,
    // Of two settings of the same name Postgres takes the last one.
    spawn: (plan) =>
      house.spawn({ ...plan, args: [...plan.args, ...extra.flatMap((one) => ['-c', one])] }),
    say: (doing) => console.log(`  ${name}: ${doing}`),
    signal: house.signal,
  }
  const resolved = await resolveServer(server, {}, here)
  if (resolved.how === 'variable') throw new Error(`${name} is to be the bench's own`)
  console.log(`  ${name}: ${resolved.note}`)
  const started = await resolved.start()
  house.onStop('servers', () => started.main.stop(started.stopSignal ?? 'SIGTERM', stopMs))
  await waitUntilReady({
    part: name,
    withinMs: server.readyWithinMs,
    child: started.main,
    signal: house.signal,
    ask: () => server.ask(started.url),
  })
  await server.settle?.(started.url)
  return { url: started.url, pid: started.main.pid }
}

async function startExpenses(
  house: House,
  { beside, preload, env }: ExpensesPlan,
  urls: { databaseUrl: string; kafkaUrl: string; publicUrl: string },
): Promise<Expenses> {
  const name = beside?.name ?? 'expenses'
  const http = await house.ports.claim(`${name}-http`)
  const grpc = await house.ports.claim(`${name}-grpc`)
  const internalGrpc = await house.ports.claim(`${name}-internal-grpc`)
  const metrics = await house.ports.claim(`${name}-metrics`)
  const child: Child = await house.spawn({
    name,
    command: nodeProgram(),
    args: [
      '--max-semi-space-size=32',
      ...v8Helpers,
      ...(preload === undefined ? [] : ['--import', pathToFileURL(preload).href]),
      join(repoDir, 'expenses-service', 'src', 'main.ts'),
    ],
    cwd: repoDir,
    env: {
      NODE_ENV: 'development',
      LOG_LEVEL: 'fatal',
      HOST: '127.0.0.1',
      HTTP_PORT: String(http),
      GRPC_PORT: String(grpc),
      INTERNAL_GRPC_PORT: String(internalGrpc),
      METRICS_PORT: String(metrics),
      POSTGRES_URL: urlOfRole(urls.databaseUrl, 'expenses', house.secrets),
      KAFKA_URL: urls.kafkaUrl,
      RABBITMQ_URL: `amqp://${nowhere}`,
      PUBLIC_URL: urls.publicUrl,
      QUITS_SECRET: house.secrets('quits-secret'),
      QUITS_SIGNING_KEYS: house.secrets('signing-key'),
      QUITS_JOBS_KEY: house.secrets('jobs-key'),
      ...env,
    },
  })
  const stop = () => child.stop('SIGTERM', stopMs)
  house.onStop('services', stop)
  await waitUntilReady({
    part: name,
    withinMs: 30_000,
    child,
    signal: house.signal,
    async ask() {
      const { ok } = await fetch(`http://${local(metrics)}/startupz`)
      if (!ok) throw new Error('not ready')
    },
  })
  return { url: `http://${local(http)}`, pid: child.pid, databaseUrl: urls.databaseUrl, stop }
}
