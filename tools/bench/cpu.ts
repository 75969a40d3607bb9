// CPU time of server processes, from the kernel: what a busy neighbour does not change much.
import { readdirSync, readFileSync } from 'node:fs'

// sysconf(_SC_CLK_TCK) is 100 on every Linux that Quits runs on.
const tickUs = 10_000

interface ProcessTimes {
  parent: number
  ownTicks: number
  reapedTicks: number
}

/** Fields 4, 14–17 of /proc/PID/stat (proc(5)); undefined once the process is gone. */
function timesOf(pid: number): ProcessTimes | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number)
    const [parent = 0] = fields.slice(1)
    const [user = 0, system = 0, reapedUser = 0, reapedSystem = 0] = fields.slice(11)
    return { parent, ownTicks: user + system, reapedTicks: reapedUser + reapedSystem }
  } catch {
    return undefined
  }
}

/** CPU µs that a process and all it started, alive or reaped, have used so far. */
export function treeCpuUs(pid: number): number {
  const root = timesOf(pid)
  if (root === undefined) throw new Error(`process ${pid} is gone`)
  const live = childrenOf(pid).reduce((sum, child) => sum + (timesOf(child)?.ownTicks ?? 0), 0)
  return (root.ownTicks + root.reapedTicks + live) * tickUs
}

/** Resident memory of a process and all it started, in KiB. */
export function treeMemoryKb(pid: number): number {
  const sizes = [pid, ...childrenOf(pid)].map((each) => {
    const text = readFileSync(`/proc/${each}/status`, 'utf8')
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(text)?.[1])
  })
  return sizes.reduce((sum, size) => sum + size, 0)
}

const childrenOf = (pid: number): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((each) => timesOf(each)?.parent === pid)
