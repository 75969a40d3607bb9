// MongoDB: a real mongod if there is one, else a stand-in that speaks its protocol.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { MongoClient } from 'mongodb'
import type { Cache } from '../launcher/cache.ts'
import { runCommand } from '../launcher/command.ts'
import type { Server, Started, Surroundings, Way } from '../launcher/part.ts'
import { dockerWay } from './docker.ts'
import { needProgram, sightOfProgram } from './on-path.ts'
import type { Wanted } from './on-path.ts'
import { furnishPython, type Python, sightOfPython } from './python.ts'

const standInVersion = '0.7.0b3'
const siteKey = (minor: string) =>
  `secantusdb-${standInVersion}-python${minor}-${process.platform}-${process.arch}`
const onPath: Wanted = { program: 'mongod', versionArgs: ['--version'], minimum: '4.4' }
const standInEntry = 'import sys; from secantus.cli import main; sys.exit(main())'

const urlOf = (port: number) => `mongodb://127.0.0.1:${port}/quits?directConnection=true`

const realServer: Way = {
  how: 'binary',
  look: () => sightOfProgram(onPath),
  async prepare(here) {
    const command = await needProgram(onPath)
    return async () => {
      const { port, files } = await makeRoom(here, 'mongod')
      const args = ['--port', String(port), '--bind_ip', '127.0.0.1', '--dbpath', files]
      const main = await here.spawn({ name: 'mongo', command, args })
      return { url: urlOf(port), main }
    }
  },
}

const standIn: Way = {
  how: 'provisioned',
  async look(cache) {
    const { possible, note, furnished } = await sightOfPython(cache, siteIn(cache))
    const place = furnished ? 'in the cache' : 'to be installed by pip'
    return { possible, note: `stand-in SecantusDB ${standInVersion}, ${place}; ${note}` }
  },
  async prepare(here) {
    const { cache, say } = here
    const make = (python: Python) =>
      cache.provide(siteKey(python.minor), say, async (draft) => {
        say(`installing the stand-in SecantusDB ${standInVersion} with pip`)
        const what = ['--target', draft, `SecantusDB==${standInVersion}`]
        const args = ['-m', 'pip', 'install', '--quiet', '--no-user', ...what]
        await runCommand(python.command, args, { env: python.env })
      })
    const { python, home } = await furnishPython(cache, say, { ...siteIn(cache), make })
    const env = { ...python.env, PYTHONPATH: home }
    return () => startStandIn(here, python.command, env)
  },
}

const siteIn = (cache: Cache) => ({ has: (minor: string) => cache.has(siteKey(minor)) })

export const mongo: Server = {
  name: 'mongo',
  variable: 'MONGO_URL',
  readyWithinMs: 60_000,
  ways: [realServer, dockerWay('mongo', undefined, urlOf), standIn],
  async ask(url) {
    const client = new MongoClient(url, { serverSelectionTimeoutMS: 2_000 })
    try {
      await client.connect()
      await client.db('admin').command({ hello: 1 })
    } finally {
      await client.close()
    }
  },
}

async function makeRoom(here: Surroundings, folder: string) {
  const port = await here.ports.claim('mongo')
  const files = join(here.dataDir, folder)
  mkdirSync(files, { recursive: true })
  here.say('starting')
  return { port, files }
}

async function startStandIn(
  here: Surroundings,
  command: string,
  env: Record<string, string>,
): Promise<Started> {
  const { port, files } = await makeRoom(here, 'secantus')
  const config = join(here.dataDir, 'empty.toml')
  writeFileSync(config, '')
  const program = ['-c', standInEntry, '--config', config, '--log-level', 'WARNING']
  const place = ['--host', '127.0.0.1', '--port', String(port), '--storage-path', files]
  // Without the flag, a SIGKILL loses writes that were acknowledged.
  const durability = ['--sync-on-commit', '--cache-size', '128M']
  // As a member of a replica set it writes each document a second time, into a log for change streams.
  const args = [...program, ...place, ...durability, '--standalone']
  const main = await here.spawn({ name: 'mongo', command, args, env })
  return { url: urlOf(port), main }
}
