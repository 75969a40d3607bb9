// wrk, the HTTP load: closed loop, so it measures rate and cost, never latency under a given load.
import { runCommand } from '../launcher/command.ts'
import { numberIn } from './pgbench.ts'
import type { Program } from './programs.ts'

export interface WrkRun {
  requests: number
  perSecond: number
  p50Ms: number
  p99Ms: number
  /** Answers that were not 2xx, and sockets that failed. */
  refused: number
}

export interface WrkPlan {
  url: string
  script: string
  connections: number
  seconds: number
}

/** For reading the script's targets, and for the last answers. */
const graceMs = 60_000

export async function runWrk(wrk: Program, plan: WrkPlan): Promise<WrkRun> {
  const { url, script, connections, seconds } = plan
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency', '--timeout', '10s']
  const text = await runCommand(wrk.path, [...args, '-s', script, url], {
    env: wrk.env,
    timeoutMs: seconds * 1_000 + graceMs,
  })
  const sockets = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(text)
  const broken = (sockets ?? []).slice(1).reduce((sum, count) => sum + Number(count), 0)
  return {
    requests: numberIn(text, /(\d+) requests in/),
    perSecond: numberIn(text, /Requests\/sec:\s+([\d.]+)/),
    p50Ms: millisecondsIn(text, '50%'),
    p99Ms: millisecondsIn(text, '99%'),
    refused: numberIn(text, /Non-2xx or 3xx responses: (\d+)/, 0) + broken,
  }
}

const unitMs: Record<string, number> = { us: 0.001, ms: 1, s: 1_000, m: 60_000 }

function millisecondsIn(text: string, label: string): number {
  const [, value, unit = ''] = new RegExp(`${label}\\s+([\\d.]+)(us|ms|s|m)`).exec(text) ?? []
  return Number(value) * (unitMs[unit] ?? Number.NaN)
}
