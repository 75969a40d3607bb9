// Posting, measured: rate, latency and what each post cost the two processes.
import { setTimeout as delay } from 'node:timers/promises'
import { treeCpuUs } from '../cpu.ts'
import type { Expenses, Ground } from '../ground.ts'
import { runWrk } from '../wrk.ts'
import { countLedger } from './check.ts'

export interface BenchPlan {
  rounds: number
  seconds: number
  say: (text: string) => void
}

export interface PostRun {
  perSecond: number
  p50Ms: number
  count: number
  nodeUs: number
  postgresUs: number
}

export interface Bench {
  ground: Ground
  plan: BenchPlan
  folder: string
  scripts: { spread: string; hot: string }
  /** Posts for the plan's seconds, and tells what each post cost. */
  post(expenses: Expenses, script: string, connections: number): Promise<PostRun>
}

const settleLooksMax = 50
const settleMs = 100

/** The count once nothing is on its way any more. */
async function settledCount(url: string) {
  let count = await countLedger(url)
  for (let look = 0; look < settleLooksMax; look += 1) {
    await delay(settleMs)
    const next = await countLedger(url)
    if (next.entries === count.entries) return next
    count = next
  }
  return count
}

export const makePost =
  (ground: Ground, plan: BenchPlan, counted: { posts: number }): Bench['post'] =>
  async (expenses, script, connections) => {
    const { url } = ground.postgres
    const before = await countLedger(url)
    const node = treeCpuUs(expenses.pid)
    const postgres = treeCpuUs(ground.postgres.pid)
    const { wrk } = ground.programs
    const run = await runWrk(wrk, { url: expenses.url, script, connections, seconds: plan.seconds })
    const nodeUs = treeCpuUs(expenses.pid) - node
    const postgresUs = treeCpuUs(ground.postgres.pid) - postgres
    // wrk leaves without waiting for its last answers: what stands in the end is what counts.
    const after = await settledCount(url)
    const count = after.entries - before.entries
    if (run.refused > 0) throw new Error(`${run.refused} posts were refused`)
    if (count < run.requests || count > run.requests + connections) {
      throw new Error(`${run.requests} posts were answered, ${count} stand`)
    }
    counted.posts += count
    const perSecond = run.perSecond
    return {
      perSecond,
      p50Ms: run.p50Ms,
      count,
      nodeUs: nodeUs / count,
      postgresUs: postgresUs / count,
    }
  }
