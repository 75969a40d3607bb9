// Ten minutes of full load: does the service's memory stay where it is?
import { setTimeout as delay } from 'node:timers/promises'
import { proportionalMb } from '../memory.ts'
import { median, rowOf } from '../rows.ts'
import type { Section } from './section.ts'

const loadSeconds = 600
const sampleMs = 1_000
const connections = 64
const id = 'memory'

/**
 * Medians of the middle and the last third of a series: what a garbage collector does within seconds
 * does not show in them, what goes on growing does. The first third is warm-up: code is compiled,
 * caches fill.
 */
export function thirdsOf(series: number[]): { middle: number; last: number } {
  const third = Math.floor(series.length / 3)
  return { middle: median(series.slice(third, -third)), last: median(series.slice(-third)) }
}

export const memorySection: Section = {
  ids: [id],
  long: true,
  async measure(bench) {
    const { ground, plan, scripts } = bench
    const expenses = await ground.startExpenses({ relay: true })
    plan.say(`posting for ${loadSeconds} s`)
    const seriesMb: number[] = []
    const over = new AbortController()
    const sampling = sample(expenses.pid, seriesMb, over.signal)
    const load = { script: scripts.spread, connections, seconds: loadSeconds }
    const run = await bench.post(expenses, load).finally(() => over.abort())
    await sampling
    await expenses.stop()
    const { middle, last } = thirdsOf(seriesMb)
    return {
      rows: [
        rowOf({
          id,
          what: 'memory of the service, minutes 7 to 10 of full load ÷ minutes 4 to 7',
          goal: 1.05,
          better: 'lower',
          rounds: [last / middle],
        }),
      ],
      figures: {
        'MB of the service, minutes 4 to 7': middle,
        'MB of the service, most': Math.max(...seriesMb),
        'MB that it grows by in a minute': ((last - middle) / (loadSeconds / 3)) * 60,
        'POST/s over ten minutes': run.perSecond,
      },
      faults: [],
    }
  },
}

async function sample(pid: number, seriesMb: number[], signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    seriesMb.push(proportionalMb(pid))
    await delay(sampleMs, undefined, { signal }).catch(() => undefined)
  }
}
