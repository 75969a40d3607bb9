// One data folder and everything a launcher does in it: the lock that makes it ours, ports,
// secrets, processes, and the order in which all of it ends.
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { cacheFolder, makeCache } from './cache.ts'
import type { Cache } from './cache.ts'
import { makeSpawn } from './child.ts'
import type { Spawn } from './child.ts'
import { endCommands, markCommands } from './command.ts'
import { StartFailure } from './failure.ts'
import { readRecord } from './json-file.ts'
import { takeLock } from './lock.ts'
import { repoDir } from './node-flags.ts'
import { makePorts } from './ports.ts'
import type { Ports } from './ports.ts'
import { makeProgress } from './progress.ts'
import type { Progress } from './progress.ts'
import { killLeftovers, makeRegistry, stackIdOf, stackVariable } from './registry.ts'
import { makeSecrets } from './secrets.ts'
import type { Secrets } from './secrets.ts'

/** Floors stop in this order; parts of one floor stop together. */
const floors = ['proxy', 'services', 'servers'] as const
type Floor = (typeof floors)[number]

export interface House {
  dataDir: string
  env: NodeJS.ProcessEnv
  cache: Cache
  ports: Ports
  secrets: Secrets
  spawn: Spawn
  progress: Progress
  /** Aborted when the house is asked to stop. */
  signal: AbortSignal
  onStop: (floor: Floor, stop: () => Promise<void>) => void
  /** Stops everything in order, once; then the folder is free for the next launcher. */
  stop: () => Promise<void>
  /** The impatient way: everything is killed at once. */
  kill: () => void
}

export interface HouseOptions {
  dataDir: string
  env?: NodeJS.ProcessEnv
  print?: (line: string) => void
  /** Begin with empty servers: everything an earlier run kept in the folder is removed. */
  fresh?: boolean
}

/** `QUITS_DATA_DIR`, else `.data` of this clone. */
export function defaultDataDir(env: NodeJS.ProcessEnv): string {
  return resolve(env['QUITS_DATA_DIR'] || join(repoDir, '.data'))
}

export const lockFileOf = (dataDir: string) => join(dataDir, 'launcher.lock')
export const readyFileOf = (dataDir: string) => join(dataDir, 'ready.json')

/** Takes the data folder, ends what an earlier launcher left in it, and opens it for a start. */
export async function openHouse(options: HouseOptions): Promise<House> {
  const { env = process.env, print = console.log, fresh = false } = options
  const dataDir = resolve(options.dataDir)
  mkdirSync(dataDir, { recursive: true })
  const lock = takeLock(lockFileOf(dataDir))
  if ('heldBy' in lock) {
    const { url, inbox } = readRecord(readyFileOf(dataDir))
    const started = inbox === undefined ? 'still starting' : 'servers only'
    const where = typeof url === 'string' ? url : started
    throw new StartFailure(
      `Quits runs here already: ${where} (process ${lock.heldBy.pid}, data in ${dataDir}).` +
        ' npm run down stops it.',
    )
  }
  rmSync(readyFileOf(dataDir), { force: true })
  const killed = await killLeftovers(dataDir)
  if (killed.length > 0) print(`Ended what an earlier start left running: ${killed.join(', ')}.`)
  if (fresh) emptyFolder(dataDir)

  markCommands({ [stackVariable]: stackIdOf(dataDir) })
  const registry = makeRegistry(dataDir)
  const spawn = makeSpawn(dataDir, registry)
  const progress = makeProgress(print, Date.now)
  const ending = new AbortController()
  const stops: Record<Floor, (() => Promise<void>)[]> = { proxy: [], services: [], servers: [] }
  let stopping: Promise<void> | undefined
  const stop = async () => {
    ending.abort(new StartFailure('The start was stopped.'))
    progress.close()
    endCommands()
    rmSync(readyFileOf(dataDir), { force: true })
    for (const floor of floors) {
      await Promise.allSettled(stops[floor].map((stopPart) => stopPart()))
    }
    // A part that was still on its way up has no stop of its own yet.
    if (existsSync(dataDir)) await killLeftovers(dataDir)
    lock.release()
  }
  return {
    dataDir,
    env,
    cache: makeCache(cacheFolder(env)),
    ports: makePorts(dataDir),
    secrets: makeSecrets(dataDir),
    spawn,
    progress,
    signal: ending.signal,
    onStop: (floor, stopPart) => stops[floor].push(stopPart),
    stop: () => (stopping ??= stop()),
    kill() {
      endCommands()
      registry.killAll()
    },
  }
}

function emptyFolder(dataDir: string): void {
  for (const name of readdirSync(dataDir)) {
    if (join(dataDir, name) === lockFileOf(dataDir)) continue
    rmSync(join(dataDir, name), { recursive: true, force: true })
  }
}
