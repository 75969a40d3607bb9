// Memory of a process, from the kernel.
import { readFileSync } from 'node:fs'
import { numberIn } from './pgbench.ts'

/** Its own pages, and its share of those that it shares (PSS, proc(5)), in MB. */
export function proportionalMb(pid: number): number {
  return numberIn(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'), /^Pss:\s+(\d+) kB/m) / 1_024
}
