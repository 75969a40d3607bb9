// A lock file that names its holder. When the holder is gone the lock is free, whatever
// way it went; so nobody ever has to delete a lock by hand.
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { identityOf } from './identity.ts'

export interface Holder {
  pid: number
  identity: string
}

export type Taken = { release: () => void } | { heldBy: Holder }

const takeAttemptsMax = 20
const waitPollMs = 200

/** The living process that holds the lock, if any. */
export function holderOf(file: string): Holder | undefined {
  const text = readText(file)
  return text === undefined ? undefined : holderIn(text)
}

/** Undefined when there is no such file. */
function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

/** A text that is cut short names nobody. */
function holderIn(text: string): Holder | undefined {
  const { pid, identity } = parsed(text)
  if (typeof pid !== 'number' || typeof identity !== 'string') return undefined
  return identityOf(pid) === identity ? { pid, identity } : undefined
}

function parsed(text: string): { pid?: unknown; identity?: unknown } {
  try {
    return Object(JSON.parse(text))
  } catch {
    return {}
  }
}

/** Takes the lock for this process, or says who has it. */
export function takeLock(file: string): Taken {
  mkdirSync(dirname(file), { recursive: true })
  const mine = `${file}.${process.pid}.${Math.random().toString(36).slice(2)}`
  const identity = identityOf(process.pid) ?? ''
  writeFileSync(mine, JSON.stringify({ pid: process.pid, identity }), { mode: 0o600 })
  try {
    for (let attempt = 0; attempt < takeAttemptsMax; attempt++) {
      try {
        linkSync(mine, file) // fails when the file exists: of two takers one wins
        return { release: () => rmSync(file, { force: true }) }
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      }
      const heldBy = holderOf(file)
      if (heldBy !== undefined) return { heldBy }
      const clearedBy = clearStale(file)
      if (clearedBy !== undefined) return { heldBy: clearedBy }
    }
    throw new Error(`The lock ${file} could not be taken`)
  } finally {
    rmSync(mine, { force: true })
  }
}

/** Waits until the lock is ours. `onWait` hears once who has it now. */
export async function waitForLock(
  file: string,
  onWait: (holder: Holder) => void,
  signal?: AbortSignal,
): Promise<{ release: () => void }> {
  let told = false
  for (;;) {
    signal?.throwIfAborted()
    const taken = takeLock(file)
    if ('release' in taken) return taken
    if (!told) onWait(taken.heldBy)
    told = true
    await delay(waitPollMs, undefined, signal === undefined ? {} : { signal })
  }
}

/**
 * Takes a dead holder's file away; answers who is at it already, if anybody. One process at a time,
 * under a lock of its own: two that read the same dead name could else remove the file of the one
 * that was quicker, and both hold the lock. (That lock goes stale only when its holder dies between
 * these lines; then the next one is cleared in the same way.)
 */
function clearStale(file: string): Holder | undefined {
  const clearing = takeLock(`${file}.clearing`)
  if ('heldBy' in clearing) return clearing.heldBy
  try {
    // Read anew, once: a file that is there and names no living process stays so until it is removed
    // here; one that is missing may be somebody's in the next moment.
    const text = readText(file)
    if (text !== undefined && holderIn(text) === undefined) rmSync(file, { force: true })
  } finally {
    clearing.release()
  }
  return undefined
}
