// Small state files: written beside themselves and renamed, so a reader never sees half of one.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** Reads a JSON file; a missing or broken one is `undefined`. */
export function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

/** Reads a JSON file that holds an object; anything else is an empty one. */
export function readRecord(file: string): Record<string, unknown> {
  const value = readJson(file)
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

/** Replaces a JSON file in one step, readable by its owner only. */
export function writeJson(file: string, value: unknown): void {
  mkdirSync(dirname(file), { recursive: true })
  const draft = `${file}.${process.pid}.draft`
  writeFileSync(draft, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 })
  renameSync(draft, file)
}
