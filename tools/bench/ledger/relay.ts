// The relay: does it keep up, and what does it take from the writer?
import { setTimeout as delay } from 'node:timers/promises'
import { treeCpuUs } from '../cpu.ts'
import { median, type Row, rowOf } from '../rows.ts'
import { countLedger } from './check.ts'
import type { Bench } from './post.ts'

const lookMs = 100
const drainMsMax = 120_000

export interface RelayReport {
  rows: Row[]
  figures: Record<string, number>
  /** Every event left the outbox. */
  valid: boolean
}

/** K2: drain ÷ POST rate; K3: POST rate with the relay ÷ without; W4: CPU per POST with it. */
export async function relayRows(bench: Bench): Promise<RelayReport> {
  const { plan, ground, scripts } = bench
  const { url } = ground.postgres
  const drained: number[] = []
  const kept: number[] = []
  const costs: number[] = []
  const waiting = async () => (await countLedger(url)).outbox

  for (let round = 1; round <= plan.rounds; round += 1) {
    plan.say(`relay, round ${round} of ${plan.rounds}`)
    const without = await ground.startExpenses({ relay: false })
    const alone = await bench.post(without, scripts.spread, 64)
    await without.stop()

    const withRelay = await ground.startExpenses({ relay: true })
    const backlog = await waiting()
    const startedAt = Date.now()
    const left = await drain(waiting)
    drained.push((((backlog - left) / (Date.now() - startedAt)) * 1_000) / alone.perSecond)

    const pids = [ground.postgres.pid, withRelay.pid, await ground.kafkaPid()]
    const cpuUs = () => pids.reduce((sum, pid) => sum + treeCpuUs(pid), 0)
    const before = cpuUs()
    const live = await bench.post(withRelay, scripts.spread, 64)
    await drain(waiting)
    costs.push((cpuUs() - before) / live.count)
    kept.push(live.perSecond / alone.perSecond)
    await withRelay.stop()
  }
  return {
    rows: [
      rowOf({
        id: 'K2',
        what: 'relay drain ÷ POST rate at 64 connections',
        goal: 1.2,
        better: 'higher',
        rounds: drained,
      }),
      rowOf({
        id: 'K3',
        what: 'POST rate, relay live ÷ stopped',
        goal: 0.85,
        better: 'higher',
        rounds: kept,
      }),
    ],
    figures: { 'W4: server µs per POST, relay and Kafka included': median(costs) },
    valid: (await waiting()) === 0,
  }
}

async function drain(waiting: () => Promise<number>): Promise<number> {
  const startedAt = Date.now()
  for (;;) {
    const left = await waiting()
    if (left === 0 || Date.now() - startedAt > drainMsMax) return left
    await delay(lookMs)
  }
}
