// A lock file that names its holder. When the holder is gone the lock is free, whatever
// way it went; so nobody ever has to delete a lock by hand.
import { linkSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { identityOf } from './identity.ts'
import { readRecord } from './json-file.ts'

export interface Holder {
  pid: number
  identity: string
}

export type Taken = { release: () => void } | { heldBy: Holder }

const takeAttemptsMax = 20
const waitPollMs = 200

/** The living process that holds the lock, if any. */
export function holderOf(file: string): Holder | undefined {
  const { pid, identity } = readRecord(file)
  if (typeof pid !== 'number' || typeof identity !== 'string') return undefined
  return identityOf(pid) === identity ? { pid, identity } : undefined
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
      setStaleAside(file)
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

/** Moves a dead holder's file away; puts it back if a living one slipped in meanwhile. */
function setStaleAside(file: string): void {
  const aside = `${file}.stale.${process.pid}`
  try {
    renameSync(file, aside)
  } catch {
    return // somebody else was quicker
  }
  if (holderOf(aside) !== undefined) {
    try {
      linkSync(aside, file)
    } catch {
      // A third one holds it now; the slipped-in holder is told by its own next check.
    }
  }
  rmSync(aside, { force: true })
}
