// The relay: does it keep up, and what does it take from the writer?
import { setTimeout as delay } from 'node:timers/promises'
import { treeCpuUs } from '../cpu.ts'
import type { Expenses } from '../ground.ts'
import { median, rowOf } from '../rows.ts'
import { countBatches, countEvents } from './check.ts'
import type { Bench, Section } from './section.ts'

const lookMs = 100
const drainMsMax = 120_000
/** After a pause, until all is as it was before it. */
const leadInSeconds = 3

const ids = { drain: 'K2', live: 'K3', cost: 'W4' }

/** What one round found. */
interface Round {
  /** POST/s without a relay, with it, and with one whose events give no way. */
  alone: number
  live: number
  pressing: number
  drainedPerSecond: number
  costUs: number
  /** From the end of the load until all its events had left, and until their readers had them. */
  leftMs: number
  readMs: number
}

/** K2: drain ÷ POST rate; K3: POST rate with the relay ÷ without; W4: CPU per POST with it. */
export const relaySection: Section = {
  ids: Object.values(ids),
  long: false,
  async measure(bench) {
    const { plan } = bench
    const { url } = bench.ground.postgres
    const rounds: Round[] = []
    while (rounds.length < plan.rounds) {
      plan.say(`relay, round ${rounds.length + 1} of ${plan.rounds}`)
      rounds.push(await measureRound(bench, url))
    }
    const each = (figure: (round: Round) => number) => rounds.map(figure)
    const rows = [
      rowOf({
        id: ids.drain,
        what: 'relay drain ÷ POST rate at 64 connections',
        goal: 1.2,
        better: 'higher',
        rounds: each(({ drainedPerSecond, alone }) => drainedPerSecond / alone),
      }),
      rowOf({
        id: ids.live,
        what: 'POST rate, relay live ÷ stopped',
        goal: 0.85,
        better: 'higher',
        rounds: each(({ live, alone }) => live / alone),
      }),
    ]
    const left = await countEvents(url)
    return {
      rows: rows.filter(({ id }) => plan.wants(id)),
      figures: {
        [`${ids.cost}: server µs per POST, relay and Kafka included`]: median(
          each(({ costUs }) => costUs),
        ),
        'POST/s with the relay stopped': median(each(({ alone }) => alone)),
        'POST/s with the relay live': median(each(({ live }) => live)),
        'POST/s with the relay live, events give no way': median(each(({ pressing }) => pressing)),
        'that ÷ stopped': median(each(({ pressing, alone }) => pressing / alone)),
        'ms from the end of the load until its events had left': median(
          each(({ leftMs }) => leftMs),
        ),
        'ms until their readers had them': median(each(({ readMs }) => readMs)),
      },
      faults: left === 0 ? [] : [`${left} events never left the outbox`],
    }
  },
}

async function measureRound(bench: Bench, url: string): Promise<Round> {
  const { ground } = bench
  const load = { script: bench.scripts.spread, connections: 64 }
  // Who still reads what was sent before would take from one side of the ratio or from both.
  await bench.readersRest()
  const without = await ground.startExpenses({ relay: false })
  // The first seconds of a process say nothing, nor do those after a pause: of no side.
  await bench.post(without, load)
  await bench.post(without, { ...load, seconds: leadInSeconds })
  const alone = await bench.post(without, load)
  await without.stop()

  const kafka = await ground.kafka()
  /** The rate of a warm process that begins with nothing in hand, at itself or at its readers. */
  const measureLive = async (expenses: Expenses) => {
    await bench.post(expenses, load)
    await drain(url)
    await bench.readersRest()
    const pids = [ground.postgres.pid, expenses.pid, kafka.pid]
    const cpuUs = () => pids.reduce((sum, pid) => sum + treeCpuUs(pid), 0)
    const before = cpuUs()
    const led = await bench.post(expenses, { ...load, seconds: leadInSeconds })
    const { perSecond, count } = await bench.post(expenses, load)
    const endedAt = performance.now()
    await drain(url)
    const leftMs = performance.now() - endedAt
    const costUs = (cpuUs() - before) / (led.count + count)
    await bench.readersRest()
    return { perSecond, costUs, leftMs, readMs: performance.now() - endedAt }
  }

  const withRelay = await ground.startExpenses({ relay: true })
  const backlog = await countEvents(url)
  const startedAt = performance.now()
  await drain(url)
  const carried = backlog - (await countEvents(url))
  const drainedPerSecond = (carried * 1_000) / (performance.now() - startedAt)
  const { perSecond: live, ...after } = await measureLive(withRelay)
  await withRelay.stop()

  const env = { EVENTS_GIVE_WAY_SECONDS: '0' }
  const withPressing = await ground.startExpenses({ relay: true, env })
  const { perSecond: pressing } = await measureLive(withPressing)
  await withPressing.stop()
  return { alone: alone.perSecond, live, pressing, drainedPerSecond, ...after }
}

/** Until nothing waits any more, or as long as anybody would wait for that. */
async function drain(url: string): Promise<void> {
  const startedAt = Date.now()
  while ((await countBatches(url)) > 0 && Date.now() - startedAt < drainMsMax) await delay(lookMs)
}
