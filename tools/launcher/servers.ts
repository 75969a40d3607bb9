// Starts the backing servers, all at once, each by the first way that works.
import { join } from 'node:path'
import { kafka } from '../servers/kafka.ts'
import { mongo } from '../servers/mongo.ts'
import { postgres } from '../servers/postgres.ts'
import { rabbitmq } from '../servers/rabbitmq.ts'
import { redis } from '../servers/redis.ts'
import { ses } from '../servers/ses.ts'
import type { House } from './house.ts'
import type { Child } from './child.ts'
import { startFailure } from './failure.ts'
import type { Server, ServerName, Started } from './part.ts'
import type { PartProgress } from './progress.ts'
import { waitUntilReady } from './readiness.ts'
import { resolveServer } from './resolve.ts'
import { supervise } from './supervise.ts'
import type { Supervised } from './supervise.ts'

export const allServers: Server[] = [postgres, redis, rabbitmq, kafka, mongo, ses]

/** A server that answers; `process` is absent when somebody else runs it. */
export interface RunningServer {
  url: string
  process?: Supervised
}

export type RunningServers = Record<ServerName, RunningServer>

/** Each server as soon as it answers: what needs only one does not wait for the slowest. */
export type ComingServers = Record<ServerName, Promise<RunningServer>>

const graceMs = 8_000

/** Rejected ones stay rejected; the house's `stop` ends whatever had started. */
export function startServers(house: House): ComingServers {
  const coming = allServers.map((server) => {
    const running = startServer(server, house)
    running.catch(() => undefined) // `allReady` tells it
    return [server.name, running] as const
  })
  return Object.fromEntries(coming) as ComingServers
}

/** All of them, or the first failure. */
export async function allReady(coming: ComingServers): Promise<RunningServers> {
  const pairs = Object.entries(coming).map(async ([name, server]) => [name, await server] as const)
  return Object.fromEntries(await Promise.all(pairs)) as RunningServers
}

/** One of them, for whoever needs no more. */
export async function startServer(server: Server, house: House): Promise<RunningServer> {
  const progress = house.progress.part(server.name)
  const here = {
    dataDir: join(house.dataDir, server.name),
    stackDir: house.dataDir,
    cache: house.cache,
    ports: house.ports,
    secrets: house.secrets,
    spawn: house.spawn,
    say: progress.say,
    signal: house.signal,
  }
  const resolved = await resolveServer(server, house.env, here)
  if (resolved.how === 'variable') {
    progress.say(`waiting for the server that ${server.variable} names`)
    await waitForAnswer(server, resolved.url, undefined, house.signal)
    progress.ready(`from ${server.variable}`)
    return { url: resolved.url }
  }
  return runOwn(server, resolved.start, house, progress, `${resolved.how} (${resolved.note})`)
}

async function runOwn(
  server: Server,
  launch: () => Promise<Started>,
  house: House,
  progress: PartProgress,
  source: string,
): Promise<RunningServer> {
  let companions: Child[] = []
  let url = ''
  let stopSignal: NodeJS.Signals = 'SIGTERM'
  const stopCompanions = async () => {
    const stopping = companions
    companions = []
    await Promise.all(stopping.map((child) => child.stop('SIGTERM', 1_000)))
  }
  const start = async (signal: AbortSignal): Promise<Child> => {
    await stopCompanions()
    const started = await launch().catch((error: Error) => {
      throw startFailure({ part: server.name, reason: error.message, variable: server.variable })
    })
    companions = started.also ?? []
    url = started.url
    stopSignal = started.stopSignal ?? stopSignal
    try {
      await waitForAnswer(server, url, started.main, AbortSignal.any([signal, house.signal]))
      await server.settle?.(url)
    } catch (error) {
      await started.main.stop('SIGKILL', 1_000)
      await stopCompanions()
      throw error
    }
    return started.main
  }
  const process = await supervise({
    name: server.name,
    start,
    get stopSignal() {
      return stopSignal
    },
    graceMs,
    say: (text) => house.progress.note(`  ${server.name}: ${text}`),
  })
  house.onStop('servers', async () => {
    await process.stop()
    await stopCompanions()
  })
  progress.ready(`${url.replace(/\/\/.*@/, '//')}, ${source}`)
  return { url, process }
}

function waitForAnswer(
  server: Server,
  url: string,
  child: Child | undefined,
  signal: AbortSignal,
): Promise<void> {
  const { name: part, variable, readyWithinMs: withinMs, ask } = server
  return waitUntilReady({ part, variable, withinMs, child, signal, ask: () => ask(url) })
}
