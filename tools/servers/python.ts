// A Python that has the wanted packages or pip to install them: the machine's own, else the
// distribution's from our cache.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Cache } from '../launcher/cache.ts'
import { askCommand } from '../launcher/command.ts'
import { canUseDebian, debianKey, libraryPath, provideDebian } from './debian.ts'
import { type Program, programAt, lookForProgram } from './on-path.ts'

const wanted = { program: 'python3', versionArgs: ['--version'], minimum: '3.10' }
const set = {
  name: 'python',
  packages: ['python3', 'python3-pip'],
  // The interpreter finds its library beside itself.
  always: /^(lib)?python3/,
}

/**
 * What a distribution builds is built with a profile; what version managers build mostly is not, and
 * takes a quarter more time for the same. On macOS the same name opens an installer.
 */
const distributions = '/usr/bin/python3'

export interface Python {
  command: string
  env: Record<string, string>
  /** Compiled packages are for this one only, as in 3.11. */
  minor: string
}

/** What there is, by a first look; `minor` where a Python is there already. */
export interface PythonSight {
  possible: boolean
  note: string
  minor?: string
}

/** Without asking for pip, which takes a second: `providePython` does. */
export async function sightOfPython(cache: Cache): Promise<PythonSight> {
  const [found] = await machinesPythons()
  if (found !== undefined) {
    const note = `Python ${found.version} at ${found.path}`
    return { possible: true, note, minor: minorOf(found.version) }
  }
  if (cache.has(debianKey(set.name))) return { possible: true, note: 'Python from the cache' }
  return canUseDebian()
    ? { possible: true, note: 'Python to be downloaded from Debian' }
    : { possible: false, note: `install Python ${wanted.minimum} or later with pip` }
}

/** `isFurnished` tells of a minor version whether its packages are there, so that pip is not needed. */
export async function providePython(
  cache: Cache,
  say: (doing: string) => void,
  isFurnished: (minor: string) => boolean,
): Promise<Python> {
  const pythons = await machinesPythons()
  for (const { path, version } of pythons) {
    const minor = minorOf(version)
    const isComplete =
      isFurnished(minor) || (await askCommand(path, ['-m', 'pip', '--version'])) !== undefined
    if (isComplete) return { command: path, env: {}, minor }
  }
  const [first] = pythons
  if (first !== undefined && !canUseDebian()) {
    return { command: first.path, env: {}, minor: minorOf(first.version) }
  }
  const root = await provideDebian(cache, set, say)
  const programs = join(root, 'usr', 'bin')
  const name = readdirSync(programs).find((file) => /^python3\.\d+$/.test(file))
  if (name === undefined) throw new Error(`no Python was found in ${programs}`)
  const env = { PYTHONHOME: join(root, 'usr'), LD_LIBRARY_PATH: libraryPath(root) }
  return { command: join(programs, name), env, minor: name.slice('python'.length) }
}

/** Those that are new enough, the one to prefer first. */
async function machinesPythons(): Promise<Program[]> {
  const found = await Promise.all([
    process.platform === 'linux' ? programAt(distributions, wanted) : undefined,
    lookForProgram(wanted),
  ])
  const programs = found.filter((one) => typeof one === 'object')
  return programs.filter(({ path }, at) => programs.findIndex((one) => one.path === path) === at)
}

const minorOf = (version: string) => version.split('.').slice(0, 2).join('.')
