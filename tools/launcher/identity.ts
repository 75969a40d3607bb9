// Who a process is. A pid alone is recycled; a pid with the moment its process began is not,
// so nothing here is ever killed by its number only.
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

export interface ProcessRow {
  pid: number
  group: number
  /** Boot and start time: equal only for the very same process. */
  identity: string
}

const onLinux = process.platform === 'linux'

/** The identity of a living process; a zombie counts as gone. */
export function identityOf(pid: number): string | undefined {
  return onLinux
    ? readLinuxRow(pid)?.identity
    : listByPs(['-p', String(pid)]).find((row) => row.pid === pid)?.identity
}

/** Every living process that may be looked at. */
export function listProcesses(): ProcessRow[] {
  if (!onLinux) return listByPs(['-ax'])
  return linuxPids().flatMap((pid) => readLinuxRow(pid) ?? [])
}

/** Pids (Linux only) whose environment holds exactly `NAME=value`. */
export function pidsWithVariable(name: string, value: string): number[] {
  if (!onLinux) return []
  const wanted = `\0${name}=${value}\0`
  return linuxPids().filter((pid) => {
    const environment = readOrUndefined(`/proc/${pid}/environ`)
    return environment !== undefined && `\0${environment}\0`.includes(wanted)
  })
}

function linuxPids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
}

let bootId: string | undefined

function readLinuxRow(pid: number): ProcessRow | undefined {
  const stat = readOrUndefined(`/proc/${pid}/stat`)
  if (stat === undefined) return undefined
  // The name in brackets may hold blanks and brackets: fields are counted after the last one.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [state, , group] = fields
  const startedAtTicks = fields[19]
  if (state === 'Z' || state === 'X' || startedAtTicks === undefined) return undefined
  bootId ??= readOrUndefined('/proc/sys/kernel/random/boot_id')?.trim() ?? 'boot'
  return { pid, group: Number(group), identity: `${bootId}:${startedAtTicks}` }
}

function listByPs(selection: string[]): ProcessRow[] {
  let table: string
  try {
    const columns = ['-o', 'pid=,pgid=,stat=,lstart=']
    table = execFileSync('ps', [...selection, ...columns], { encoding: 'utf8' })
  } catch {
    return [] // ps ends with 1 when nothing matches
  }
  return table.split('\n').flatMap((line) => {
    const [pid, group, state, ...started] = line.trim().split(/\s+/)
    if (pid === undefined || state === undefined || state.startsWith('Z')) return []
    return [{ pid: Number(pid), group: Number(group), identity: started.join(' ') }]
  })
}

function readOrUndefined(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
