// Redis: the distribution's build from our cache, else the machine's own.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import type { Server, Started, Surroundings } from '../launcher/part.ts'
import { canUseDebian, debianKey, libraryPath, missingDebian, provideDebian } from './debian.ts'
import { dockerWay } from './docker.ts'
import { needProgram, sightOfProgram } from './on-path.ts'
import type { Wanted } from './on-path.ts'

const set = { name: 'redis', packages: ['redis-server', 'redis-tools'] }
const onPath: Wanted = {
  program: 'redis-server',
  versionArgs: ['--version'],
  minimum: '6.2',
  extraFolders: ['/opt/homebrew/bin', '/usr/local/bin'],
}

const urlOf = (port: number, password: string) => `redis://:${password}@127.0.0.1:${port}/0`

export const redis: Server = {
  name: 'redis',
  variable: 'REDIS_URL',
  readyWithinMs: 30_000,
  ways: [
    {
      how: 'provisioned',
      async look(cache) {
        if (cache.has(debianKey(set.name)))
          return { possible: true, note: 'Debian package, in the cache' }
        return canUseDebian()
          ? { possible: true, note: 'Debian package, to be downloaded' }
          : { possible: false, note: missingDebian }
      },
      async prepare(here) {
        const root = await provideDebian(here.cache, set, here.say)
        const program = join(root, 'usr', 'bin', 'redis-server')
        return () => start(here, program, { LD_LIBRARY_PATH: libraryPath(root) })
      },
    },
    {
      how: 'binary',
      look: () => sightOfProgram(onPath),
      async prepare(here) {
        const program = await needProgram(onPath)
        return () => start(here, program, {})
      },
    },
    dockerWay('redis', 'redis', urlOf),
  ],
  async ask(url) {
    const client = new Redis(url, {
      lazyConnect: true,
      connectTimeout: 3_000,
      maxRetriesPerRequest: 0,
      retryStrategy: () => null,
    })
    client.on('error', () => undefined) // the rejected call says it too
    try {
      await client.connect()
      await client.ping()
    } finally {
      client.disconnect()
    }
  },
}

async function start(
  here: Surroundings,
  command: string,
  env: Record<string, string>,
): Promise<Started> {
  const { dataDir, secrets, spawn, say } = here
  const port = await here.ports.claim('redis')
  const password = secrets('redis')
  mkdirSync(dataDir, { recursive: true })
  say('starting')
  // A file, not arguments: everybody on the machine can read a command line.
  const settings = join(dataDir, 'redis.conf')
  writeFileSync(settings, configuration(port, dataDir, password), { mode: 0o600 })
  const main = await spawn({ name: 'redis', command, args: [settings], env })
  return { url: urlOf(port, password), main }
}

function configuration(port: number, folder: string, password: string): string {
  return [
    `port ${port}`,
    'bind 127.0.0.1',
    `requirepass ${password}`,
    `dir "${folder}"`,
    'daemonize no',
    'appendonly yes',
    '',
  ].join('\n')
}
