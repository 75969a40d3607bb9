// Which processes this data folder's launcher has started. Written at each spawn, so that after
// a SIGKILL of the launcher the next start finds exactly what was left behind.
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createHash } from 'node:crypto'
import { identityOf, listProcesses, pidsWithVariable } from './identity.ts'
import { readRecord, writeJson } from './json-file.ts'

interface Entry {
  name: string
  pid: number
  identity: string
}

export interface Registry {
  add: (name: string, pid: number) => void
  remove: (pid: number) => void
  /** Kills every recorded group at once, without waiting. */
  killAll: () => void
}

/** Every child carries this variable, so that grandchildren in other groups are found too. */
export const stackVariable = 'QUITS_STACK'

const killWaitMsMax = 5_000
const killPollMs = 50

/** A name for the data folder that is the same at each start. */
export function stackIdOf(dataDir: string): string {
  return createHash('sha256').update(dataDir).digest('hex').slice(0, 16)
}

export const pidsFileOf = (dataDir: string): string => join(dataDir, 'pids.json')

export function makeRegistry(dataDir: string): Registry {
  const file = pidsFileOf(dataDir)
  const entries = new Map<number, Entry>()
  const save = () => writeJson(file, { children: [...entries.values()] })
  return {
    add(name, pid) {
      const identity = identityOf(pid)
      if (identity === undefined) return // it has ended already
      entries.set(pid, { name, pid, identity })
      save()
    },
    remove(pid) {
      if (entries.delete(pid)) save()
    },
    killAll() {
      for (const { pid, identity } of entries.values()) {
        if (identityOf(pid) !== identity) continue
        try {
          process.kill(-pid, 'SIGKILL')
        } catch {
          // It ended between the look and the signal.
        }
      }
    },
  }
}

/**
 * Kills what an earlier launcher of this folder left running and says what that was. A recorded
 * pid that now belongs to another process is never touched. Call only while holding the folder's
 * lock: a running launcher's children would count as left behind.
 */
export async function killLeftovers(dataDir: string): Promise<string[]> {
  const killed = new Set<string>()
  for (let waitedMs = 0; waitedMs < killWaitMsMax; waitedMs += killPollMs) {
    const left = findLeftovers(dataDir)
    if (left.length === 0) break
    for (const { pid, name } of left) {
      try {
        process.kill(pid, 'SIGKILL')
        killed.add(name)
      } catch {
        // It ended between the look and the signal.
      }
    }
    await delay(killPollMs)
  }
  writeJson(join(dataDir, 'pids.json'), { children: [] })
  return [...killed]
}

/** Living processes that an earlier launcher of this folder started, with their groups. */
export function findLeftovers(dataDir: string): { pid: number; name: string }[] {
  const recorded = readEntries(dataDir)
  const rows = listProcesses()
  const leaders = new Map<number, string>()
  for (const entry of recorded) {
    const living = rows.find((row) => row.pid === entry.pid)
    if (living?.identity === entry.identity) leaders.set(entry.pid, entry.name)
  }
  const marked = new Set(pidsWithVariable(stackVariable, stackIdOf(dataDir)))
  return rows.flatMap(({ pid, group }) => {
    if (pid === process.pid) return []
    const name = leaders.get(pid) ?? leaders.get(group)
    if (name !== undefined) return [{ pid, name }]
    if (!marked.has(pid)) return []
    return [{ pid, name: recorded.find((entry) => entry.pid === group)?.name ?? 'a helper' }]
  })
}

function readEntries(dataDir: string): Entry[] {
  const { children } = readRecord(join(dataDir, 'pids.json'))
  return Array.isArray(children) ? (children as Entry[]) : []
}
