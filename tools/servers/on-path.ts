// The second way to most servers: a program that is already on this machine.
import { findProgram } from '../launcher/command.ts'
import type { Sight } from '../launcher/part.ts'
import { isAtLeast, versionOf } from './versions.ts'

export interface Wanted {
  program: string
  versionArgs: string[]
  minimum: string
  extraFolders?: string[]
}

export type Program = { path: string; version: string }

/** The program, if it is there and new enough; else a sentence about what is missing. */
export async function lookForProgram(wanted: Wanted): Promise<Program | string> {
  const { program, extraFolders = [] } = wanted
  const path = findProgram(program, extraFolders)
  return path === undefined ? `no ${program} on PATH` : programAt(path, wanted)
}

/** The program at this path, if it answers and is new enough; else a sentence about it. */
export async function programAt(
  path: string,
  { versionArgs, minimum }: Pick<Wanted, 'versionArgs' | 'minimum'>,
): Promise<Program | string> {
  const version = await versionOf(path, versionArgs)
  if (version === undefined) return `${path} does not tell its version`
  if (!isAtLeast(version, minimum)) return `${path} is ${version}, at least ${minimum} is needed`
  return { path, version }
}

/** The same as something a way can show. */
export async function sightOfProgram(wanted: Wanted): Promise<Sight> {
  const found = await lookForProgram(wanted)
  if (typeof found === 'string') return { possible: false, note: found }
  return { possible: true, note: `${found.path} ${found.version}` }
}

/** The program's path; rejects when `look` would have said that it is missing. */
export async function needProgram(wanted: Wanted): Promise<string> {
  const found = await lookForProgram(wanted)
  if (typeof found === 'string') throw new Error(found)
  return found.path
}
