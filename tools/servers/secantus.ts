// SecantusDB, the stand-in for MongoDB. Its author builds it twice over one store on disk: in Python, to
// be had wherever there is pip, and compiled, which takes a third of the CPU for the same but minutes to
// build. So it is built when a bench asks for it, and taken from then on; each opens what the other wrote
// (tried in turns with both versions below, after SIGTERM and after SIGKILL).
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Cache } from '../launcher/cache.ts'
import { findProgram, runCommand } from '../launcher/command.ts'
import { reasonOf } from '../launcher/failure.ts'
import type { Sight } from '../launcher/part.ts'
import { furnishPython, type Python, sightOfPython } from './python.ts'

export interface StandIn {
  command: string
  args: string[]
  env: Record<string, string>
}

const machine = `${process.platform}-${process.arch}`
const pythonVersion = '0.7.0b3'
const siteKey = (minor: string) => `secantusdb-${pythonVersion}-python${minor}-${machine}`
const pythonEntry = 'import sys; from secantus.cli import main; sys.exit(main())'
const crate = 'secantus-mdb'
const crateVersion = '0.5.3-beta.193'
const compiledKey = `${crate}-${crateVersion}-${machine}`
const compiledProgram = ['bin', 'secantusd-rs']
/** Six minutes on two cores. */
const buildMsMax = 30 * 60_000

export async function sightOfStandIn(cache: Cache): Promise<Sight> {
  if (cache.has(compiledKey)) {
    return { possible: true, note: `stand-in SecantusDB, compiled ${crateVersion}, in the cache` }
  }
  const { possible, note, furnished } = await sightOfPython(cache, siteIn(cache))
  const place = furnished ? 'in the cache' : 'to be installed by pip'
  return { possible, note: `stand-in SecantusDB ${pythonVersion}, ${place}; ${note}` }
}

/** The compiled one if there is one, else the one in Python, installed. */
export async function provideStandIn(cache: Cache, say: (doing: string) => void): Promise<StandIn> {
  if (cache.has(compiledKey)) {
    const command = join(cache.folder, compiledKey, ...compiledProgram)
    return { command, args: [], env: {} }
  }
  const make = (python: Python) =>
    cache.provide(siteKey(python.minor), say, async (draft) => {
      say(`installing the stand-in SecantusDB ${pythonVersion} with pip`)
      const what = ['--target', draft, `SecantusDB==${pythonVersion}`]
      const args = ['-m', 'pip', 'install', '--quiet', '--no-user', ...what]
      await runCommand(python.command, args, { env: python.env })
    })
  const { python, home } = await furnishPython(cache, say, { ...siteIn(cache), make })
  const env = { ...python.env, PYTHONPATH: home }
  return { command: python.command, args: ['-c', pythonEntry], env }
}

/** Builds the compiled one where there is cargo. Where it cannot be had, says why: the other serves. */
export async function buildStandIn(cache: Cache, say: (doing: string) => void): Promise<void> {
  if (cache.has(compiledKey)) return
  const cargo = findProgram('cargo')
  if (cargo === undefined) return say('no cargo here to build the compiled stand-in with')
  try {
    await cache.provide(compiledKey, say, async (draft) => {
      say('building the compiled stand-in with cargo, once, which takes minutes')
      const target = join(draft, 'target')
      const what = [crate, '--version', crateVersion, '--locked', '--root', draft]
      // It asks for a newer compiler than it needs.
      const how = ['--quiet', '--ignore-rust-version', '--target-dir', target]
      await runCommand(cargo, ['install', ...how, ...what], { timeoutMs: buildMsMax })
      rmSync(target, { recursive: true, force: true })
      // One that does not run here must not be taken for ever.
      await runCommand(join(draft, ...compiledProgram), ['--version'])
    })
  } catch (error) {
    say(`the compiled stand-in cannot be built: ${reasonOf(error)}`)
  }
}

const siteIn = (cache: Cache) => ({ has: (minor: string) => cache.has(siteKey(minor)) })
