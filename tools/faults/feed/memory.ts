// How much memory a process takes, as the system counts it.
import { readFileSync } from 'node:fs'
import { askCommand } from '../../launcher/command.ts'

const sampleMs = 100
const kilobytesPerMegabyte = 1_024

/** The resident set in MB; 0 when the process is gone. */
async function residentMb(pid: number): Promise<number> {
  if (process.platform !== 'linux') {
    const printed = (await askCommand('ps', ['-o', 'rss=', '-p', String(pid)])) ?? '0'
    return Number(printed) / kilobytesPerMegabyte
  }
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / kilobytesPerMegabyte
  } catch {
    return 0
  }
}

/** Looks until `stop`; `pid` is asked each time, because processes are killed meanwhile. */
export function watchMemory(pid: () => number | undefined) {
  let highestMb = 0
  let firstMb = 0
  const timer = setInterval(() => {
    const at = pid()
    if (at === undefined) return
    void residentMb(at).then((mb) => {
      if (firstMb === 0) firstMb = mb
      highestMb = Math.max(highestMb, mb)
    })
  }, sampleMs)
  return {
    highestMb: () => Math.round(highestMb),
    grownMb: () => Math.round(highestMb - firstMb),
    stop: () => clearInterval(timer),
  }
}
