// MongoDB: a real mongod if there is one, else a stand-in that speaks its protocol.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { MongoClient } from 'mongodb'
import { findProgram, runCommand } from '../launcher/command.ts'
import type { Server, Started, Surroundings, Way } from '../launcher/part.ts'
import { dockerWay } from './docker.ts'
import { lookForProgram, needProgram, sightOfProgram } from './on-path.ts'
import type { Wanted } from './on-path.ts'

const standInVersion = '0.7.0b3'
const standInKey = `secantusdb-${standInVersion}-${process.platform}-${process.arch}`
const onPath: Wanted = { program: 'mongod', versionArgs: ['--version'], minimum: '4.4' }
const python: Wanted = { program: 'python3', versionArgs: ['--version'], minimum: '3.10' }
// The environment remembers its own path; only this entry, called through the interpreter, moves.
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
    const place = cache.has(standInKey) ? 'in the cache' : 'to be installed by pip'
    const found = await lookForProgram(python)
    if (typeof found === 'string') return { possible: false, note: `the stand-in: ${found}` }
    return { possible: true, note: `stand-in SecantusDB ${standInVersion}, ${place}` }
  },
  async prepare(here) {
    const home = await here.cache.provide(standInKey, here.say, async (draft) => {
      here.say(`installing the stand-in SecantusDB ${standInVersion} with pip`)
      const interpreter = findProgram('python3') ?? 'python3'
      await runCommand(interpreter, ['-m', 'venv', draft])
      const install = ['-m', 'pip', 'install', '--quiet', `SecantusDB==${standInVersion}`]
      await runCommand(join(draft, 'bin', 'python3'), install)
    })
    return () => startStandIn(here, join(home, 'bin', 'python3'))
  },
}

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

async function startStandIn(here: Surroundings, command: string): Promise<Started> {
  const { port, files } = await makeRoom(here, 'secantus')
  const config = join(here.dataDir, 'empty.toml')
  writeFileSync(config, '')
  const program = ['-c', standInEntry, '--config', config, '--log-level', 'WARNING']
  const place = ['--host', '127.0.0.1', '--port', String(port), '--storage-path', files]
  // Without the flag, a SIGKILL loses writes that were acknowledged.
  const durability = ['--sync-on-commit', '--cache-size', '128M']
  const args = [...program, ...place, ...durability]
  const main = await here.spawn({ name: 'mongo', command, args })
  return { url: urlOf(port), main }
}
