// A Python that has the wanted packages or pip to install them: the machine's own, else the
// distribution's from our cache.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Cache } from '../launcher/cache.ts'
import { askCommand } from '../launcher/command.ts'
import { canUseDebian, debianKey, libraryPath, provideDebian } from './debian.ts'
import { lookForProgram, programAt } from './on-path.ts'

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

/** Packages that a program needs, in a place for each minor version. */
export interface Site {
  has: (minor: string) => boolean
  /** Puts them there with pip; resolves with the place. */
  make: (python: Python) => Promise<string>
}

/** What there is, by a first look. */
export interface PythonSight {
  possible: boolean
  note: string
  furnished: boolean
}

/** Without asking for pip, which takes a second: `furnishPython` does. */
export async function sightOfPython(cache: Cache, site: Pick<Site, 'has'>): Promise<PythonSight> {
  const { pythons, reason } = await machinesPythons()
  const found = pythons.find(({ minor }) => site.has(minor)) ?? pythons[0]
  if (found !== undefined) {
    const note = `Python ${found.minor} at ${found.command}`
    return { possible: true, note, furnished: site.has(found.minor) }
  }
  if (cache.has(debianKey(set.name))) {
    const furnished = site.has((await debiansPython(cache, () => {})).minor)
    return { possible: true, note: 'Python from the cache', furnished }
  }
  return canUseDebian()
    ? { possible: true, note: 'Python to be downloaded from Debian', furnished: false }
    : {
        possible: false,
        note: `${reason}; install Python ${wanted.minimum} or later with pip`,
        furnished: false,
      }
}

/** A Python and the place of its packages: the first that has them or can be given them. */
export async function furnishPython(
  cache: Cache,
  say: (doing: string) => void,
  site: Site,
): Promise<{ python: Python; home: string }> {
  const { pythons } = await machinesPythons()
  const furnished = pythons.find(({ minor }) => site.has(minor))
  if (furnished !== undefined) return { python: furnished, home: await site.make(furnished) }
  let failure: unknown
  for (const python of pythons) {
    const hasPip = (await askCommand(python.command, ['-m', 'pip', '--version'])) !== undefined
    if (!hasPip) continue
    try {
      return { python, home: await site.make(python) }
    } catch (error) {
      // Packages may be built for another one only.
      failure ??= error
    }
  }
  if (failure !== undefined) throw failure
  if (!canUseDebian()) throw new Error(`no Python ${wanted.minimum} or later here has pip`)
  const python = await debiansPython(cache, say)
  return { python, home: await site.make(python) }
}

async function debiansPython(cache: Cache, say: (doing: string) => void): Promise<Python> {
  const root = await provideDebian(cache, set, say)
  const programs = join(root, 'usr', 'bin')
  const name = readdirSync(programs).find((file) => /^python3\.\d+$/.test(file))
  if (name === undefined) throw new Error(`no Python was found in ${programs}`)
  const env = { PYTHONHOME: join(root, 'usr'), LD_LIBRARY_PATH: libraryPath(root) }
  return { command: join(programs, name), env, minor: name.slice('python'.length) }
}

/** Those that are new enough, the one to prefer first; and why there is none. */
async function machinesPythons(): Promise<{ pythons: Python[]; reason: string }> {
  const places = [
    ...(process.platform === 'linux' ? [programAt(distributions, wanted)] : []),
    lookForProgram(wanted),
  ]
  const pythons: Python[] = []
  let reason = ''
  for (const found of await Promise.all(places)) {
    if (typeof found === 'string') reason = found
    else if (pythons.every(({ command }) => command !== found.path)) {
      const minor = found.version.split('.').slice(0, 2).join('.')
      pythons.push({ command: found.path, env: {}, minor })
    }
  }
  return { pythons, reason }
}
