// The relay: does it keep up, and what does it take from the writer?
import { setTimeout as delay } from 'node:timers/promises'
import { treeCpuUs } from '../cpu.ts'
import { median, rowOf } from '../rows.ts'
import { countBatches, countEvents } from './check.ts'
import type { Section } from './section.ts'

const lookMs = 100
const drainMsMax = 120_000

const ids = { drain: 'K2', live: 'K3', cost: 'W4' }

/** K2: drain ÷ POST rate; K3: POST rate with the relay ÷ without; W4: CPU per POST with it. */
export const relaySection: Section = {
  ids: Object.values(ids),
  long: false,
  async measure(bench) {
    const { plan, ground } = bench
    const load = { script: bench.scripts.spread, connections: 64 }
    const drained: number[] = []
    const kept: number[] = []
    const costs: number[] = []
    const rates: { alone: number; live: number }[] = []
    const { url } = ground.postgres

    for (let round = 1; round <= plan.rounds; round += 1) {
      plan.say(`relay, round ${round} of ${plan.rounds}`)
      // Who still reads what was sent before would take from one side of the ratio or from both.
      await bench.readersRest()
      const without = await ground.startExpenses({ relay: false })
      // The first seconds of a process say nothing, of either side.
      await bench.post(without, load)
      const alone = await bench.post(without, load)
      await without.stop()

      const withRelay = await ground.startExpenses({ relay: true })
      const backlog = await countEvents(url)
      const startedAt = Date.now()
      await drain(url)
      const carried = backlog - (await countEvents(url))
      drained.push(((carried / (Date.now() - startedAt)) * 1_000) / alone.perSecond)
      await bench.post(withRelay, load)
      await drain(url)
      await bench.readersRest()

      const pids = [ground.postgres.pid, withRelay.pid, (await ground.kafka()).pid]
      const cpuUs = () => pids.reduce((sum, pid) => sum + treeCpuUs(pid), 0)
      const before = cpuUs()
      const live = await bench.post(withRelay, load)
      await drain(url)
      costs.push((cpuUs() - before) / live.count)
      kept.push(live.perSecond / alone.perSecond)
      rates.push({ alone: alone.perSecond, live: live.perSecond })
      await withRelay.stop()
    }
    const rows = [
      rowOf({
        id: ids.drain,
        what: 'relay drain ÷ POST rate at 64 connections',
        goal: 1.2,
        better: 'higher',
        rounds: drained,
      }),
      rowOf({
        id: ids.live,
        what: 'POST rate, relay live ÷ stopped',
        goal: 0.85,
        better: 'higher',
        rounds: kept,
      }),
    ]
    const left = await countEvents(url)
    return {
      rows: rows.filter(({ id }) => plan.wants(id)),
      figures: {
        [`${ids.cost}: server µs per POST, relay and Kafka included`]: median(costs),
        'POST/s with the relay stopped': median(rates.map(({ alone }) => alone)),
        'POST/s with the relay live': median(rates.map(({ live }) => live)),
      },
      faults: left === 0 ? [] : [`${left} events never left the outbox`],
    }
  },
}

/** Until nothing waits any more, or as long as anybody would wait for that. */
async function drain(url: string): Promise<void> {
  const startedAt = Date.now()
  while ((await countBatches(url)) > 0 && Date.now() - startedAt < drainMsMax) await delay(lookMs)
}
