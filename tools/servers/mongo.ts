// MongoDB: a real mongod if there is one, else a stand-in that speaks its protocol.
import { mkdirSync, writeFileSync } from 'node:fs'
import { totalmem } from 'node:os'
import { join } from 'node:path'
import { MongoClient } from 'mongodb'
import type { Cache } from '../launcher/cache.ts'
import type { Server, Surroundings, Way } from '../launcher/part.ts'
import { dockerWay } from './docker.ts'
import { needProgram, sightOfProgram } from './on-path.ts'
import type { Wanted } from './on-path.ts'
import { provideStandIn, sightOfStandIn } from './secantus.ts'

const onPath: Wanted = { program: 'mongod', versionArgs: ['--version'], minimum: '4.4' }

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

/**
 * As a real MongoDB has it: half of the memory beyond the first GB. It is a bound, and a twentieth of it
 * is for what was written and is not on disk yet: above that, it makes room again and again between two
 * checkpoints.
 */
const memoryMb = Math.min(totalmem(), process.constrainedMemory() || totalmem()) / 1_048_576
const cacheMb = Math.max(256, Math.floor((memoryMb - 1_024) / 2))

const standInSettings = [
  ['--log-level', 'WARNING'],
  // Without it, a SIGKILL loses writes that were acknowledged.
  ['--sync-on-commit'],
  ['--cache-size', `${cacheMb}M`],
  // As a member of a replica set it writes each document a second time, into a log for change streams.
  ['--standalone'],
].flat()

/**
 * A real MongoDB makes one every minute. This one's keep a core busy for half a second each at 300 entries
 * a second, which everybody feels: so they are five times as seldom, and the log, which holds what came
 * after the last one, is as much longer.
 */
const checkpointSeconds = 300

const standIn: Way = {
  how: 'provisioned',
  look: sightOfStandIn,
  async prepare(here) {
    const { command, args, env } = await provideStandIn(here.cache, here.say)
    return async () => {
      const { port, files } = await makeRoom(here, 'secantus')
      const config = join(here.dataDir, 'empty.toml')
      writeFileSync(config, '')
      const place = ['--host', '127.0.0.1', '--port', String(port), '--storage-path', files]
      const settings = { SECANTUS_CHECKPOINT_SECONDS: String(checkpointSeconds) }
      const all = [...args, '--config', config, ...place, ...standInSettings]
      return {
        url: urlOf(port),
        main: await here.spawn({ name: 'mongo', command, args: all, env: { ...env, ...settings } }),
      }
    }
  },
}

const realOnes = [realServer, dockerWay('mongo', undefined, urlOf)]

/** Whether a real MongoDB seems to be had here. */
export async function hasRealMongo(cache: Cache): Promise<boolean> {
  for (const way of realOnes) if ((await way.look(cache)).possible) return true
  return false
}

export const mongo: Server = {
  name: 'mongo',
  variable: 'MONGO_URL',
  readyWithinMs: 60_000,
  ways: [...realOnes, standIn],
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
