// pgbench, the physical yardstick: what the database can do without anybody in front of it.
import { runCommand } from '../launcher/command.ts'
import type { Program } from './programs.ts'

export interface PgbenchRun {
  transactions: number
  perSecond: number
  latencyMs: number
}

export interface PgbenchPlan {
  url: string
  args: string[]
  seconds: number
}

export async function initialise(pgbench: Program, url: string, args: string[]): Promise<void> {
  await runCommand(pgbench.path, ['-i', '-q', ...args], { env: envOf(pgbench, url) })
}

export async function runPgbench(pgbench: Program, plan: PgbenchPlan): Promise<PgbenchRun> {
  const args = [...plan.args, '-T', String(plan.seconds)]
  const text = await runCommand(pgbench.path, args, { env: envOf(pgbench, plan.url) })
  const failed = numberIn(text, /number of failed transactions: (\d+)/, 0)
  if (failed > 0) throw new Error(`pgbench failed ${failed} transactions`)
  return {
    transactions: numberIn(text, /transactions actually processed: (\d+)/),
    perSecond: numberIn(text, /tps = ([\d.]+)/),
    latencyMs: numberIn(text, /latency average = ([\d.]+) ms/),
  }
}

function envOf(pgbench: Program, url: string): Record<string, string> {
  const { hostname, port, username, password, pathname } = new URL(url)
  const database = pathname.slice(1)
  return {
    ...pgbench.env,
    PGHOST: hostname,
    PGPORT: port,
    PGUSER: username,
    PGPASSWORD: password,
    PGDATABASE: database,
  }
}

export function numberIn(text: string, form: RegExp, fallback?: number): number {
  const found = form.exec(text)?.[1]
  if (found !== undefined) return Number(found)
  if (fallback !== undefined) return fallback
  throw new Error(`no ${form.source} in: ${text.slice(-400)}`)
}
