// Posting, measured: rate, latency and what each post cost the two processes.
import { setTimeout as delay } from 'node:timers/promises'
import { treeCpuUs } from '../cpu.ts'
import type { Expenses, Ground } from '../ground.ts'
import { runWrk } from '../wrk.ts'
import { countEntries } from './check.ts'

/** A load, and for how long. */
export interface Load {
  script: string
  connections: number
  seconds: number
}

export interface PostRun {
  perSecond: number
  p50Ms: number
  p99Ms: number
  count: number
  nodeUs: number
  postgresUs: number
}

const settleLooksMax = 50
const settleMs = 100

/** The count once nothing is on its way any more. */
async function settledCount(url: string) {
  let count = await countEntries(url)
  for (let look = 0; look < settleLooksMax; look += 1) {
    await delay(settleMs)
    const next = await countEntries(url)
    if (next === count) return next
    count = next
  }
  return count
}

/** Posts, insists that each was answered with a yes and stands, and tells what each cost. */
export async function post(ground: Ground, expenses: Expenses, load: Load): Promise<PostRun> {
  const url = expenses.databaseUrl
  const before = await countEntries(url)
  const node = treeCpuUs(expenses.pid)
  const postgres = treeCpuUs(ground.postgres.pid)
  const run = await runWrk(ground.programs.wrk, { url: expenses.url, ...load })
  const nodeUs = treeCpuUs(expenses.pid) - node
  const postgresUs = treeCpuUs(ground.postgres.pid) - postgres
  // wrk leaves without waiting for its last answers: what stands in the end is what counts.
  const count = (await settledCount(url)) - before
  if (run.refused > 0) throw new Error(`${run.refused} posts were refused`)
  if (count < run.requests || count > run.requests + load.connections) {
    throw new Error(`${run.requests} posts were answered, ${count} stand`)
  }
  const { perSecond, p50Ms, p99Ms } = run
  return {
    perSecond,
    p50Ms,
    p99Ms,
    count,
    nodeUs: nodeUs / count,
    postgresUs: postgresUs / count,
  }
}

export const postUs = ({ nodeUs, postgresUs }: PostRun) => nodeUs + postgresUs
