// A Python with pip: the machine's own, else the distribution's from our cache.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Cache } from '../launcher/cache.ts'
import { askCommand } from '../launcher/command.ts'
import { canUseDebian, debianKey, libraryPath, provideDebian } from './debian.ts'
import { lookForProgram } from './on-path.ts'

const minimum = '3.10'
const set = {
  name: 'python',
  packages: ['python3', 'python3-pip'],
  // The interpreter finds its library beside itself.
  always: /^(lib)?python3/,
}

export interface Python {
  command: string
  env: Record<string, string>
}

/** Without asking for pip, which takes a second: `providePython` does. */
export async function sightOfPython(cache: Cache): Promise<{ possible: boolean; note: string }> {
  const found = await lookForProgram({ program: 'python3', versionArgs: ['--version'], minimum })
  if (typeof found !== 'string') return { possible: true, note: `Python ${found.version}` }
  if (cache.has(debianKey(set.name))) return { possible: true, note: 'Python from the cache' }
  return canUseDebian()
    ? { possible: true, note: 'Python to be downloaded from Debian' }
    : { possible: false, note: `${found}; install Python ${minimum} or later with pip` }
}

export async function providePython(cache: Cache, say: (doing: string) => void): Promise<Python> {
  const found = await lookForProgram({ program: 'python3', versionArgs: ['--version'], minimum })
  if (typeof found !== 'string') {
    const hasPip = await askCommand(found.path, ['-m', 'pip', '--version'])
    if (hasPip !== undefined || !canUseDebian()) return { command: found.path, env: {} }
  }
  const root = await provideDebian(cache, set, say)
  const programs = join(root, 'usr', 'bin')
  const name = readdirSync(programs).find((file) => /^python3\.\d+$/.test(file))
  if (name === undefined) throw new Error(`no Python was found in ${programs}`)
  const env = { PYTHONHOME: join(root, 'usr'), LD_LIBRARY_PATH: libraryPath(root) }
  return { command: join(programs, name), env }
}
