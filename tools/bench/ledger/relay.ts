// The relay: does it keep up, and what does it take from the writer?
import { setTimeout as delay } from 'node:timers/promises'
import { treeCpuUs } from '../cpu.ts'
import type { Expenses } from '../ground.ts'
import { type Figures, median, rowOf } from '../rows.ts'
import { countBatches, countEvents } from './check.ts'
import type { Bench, Section } from './section.ts'

const lookMs = 100
const drainMsMax = 120_000
/** About as long as readers need for what a warm-up wrote. */
const restMs = 20_000
/**
 * A crowd stays for so many rounds, and counts from its first second, in which nobody knows yet that it is one:
 * thirty of the sixty seconds for which events give way.
 */
const crowdRounds = 3

const ids = { drain: 'K2', live: 'K3', cost: 'W4' }

interface Late {
  leftMs: number
  /** Undefined where nobody reads. */
  storedMs: number | undefined
}

/** What one round found. */
interface Round {
  /** POST/s without a relay, with it, and with one whose events give no way. */
  alone: number
  live: number
  pressing: number
  drainedPerSecond: number
  costUs: number
  /** From the end of the load until its events had left, and until the last of them was stored. */
  late: Late
  pressingLate: Late
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
    const each = <T>(figure: (round: Round) => T): T[] => rounds.map(figure)
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
        what: 'POST rate, relay live and events giving way ÷ stopped',
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
        'ms from its end until its events had left': median(each(({ late }) => late.leftMs)),
        ...storedFigure(
          'ms from its end until the last was stored',
          each(({ late }) => late),
        ),
        'POST/s with the relay live, events giving no way': median(
          each(({ pressing }) => pressing),
        ),
        'POST rate, events giving no way ÷ stopped': median(
          each(({ pressing, alone }) => pressing / alone),
        ),
        ...storedFigure(
          'ms from its end until the last was stored, events giving no way',
          each(({ pressingLate }) => pressingLate),
        ),
      },
      faults: left === 0 ? [] : [`${left} events never left the outbox`],
    }
  },
}

function storedFigure(name: string, lates: Late[]): Figures {
  const times = lates.flatMap(({ storedMs }) => storedMs ?? [])
  return times.length === 0 ? {} : { [name]: median(times) }
}

async function measureRound(bench: Bench, url: string): Promise<Round> {
  const { ground } = bench
  const load = { script: bench.scripts.spread, connections: 64 }
  const crowd = { ...load, seconds: crowdRounds * bench.plan.seconds }
  // Who still reads what was sent before would take from one side of the ratio or from both.
  await bench.readersRest()
  const without = await ground.startExpenses({ relay: false })
  // The first seconds of a process say nothing, of no side; and both sides come from a rest.
  await bench.post(without, load)
  await delay(restMs)
  const alone = await bench.post(without, crowd)
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
    const { perSecond, count } = await bench.post(expenses, crowd)
    const endedAt = performance.now()
    await drain(url)
    const leftMs = performance.now() - endedAt
    const costUs = (cpuUs() - before) / count
    const storedAt = await bench.readersRest()
    const storedMs = storedAt === undefined ? undefined : Math.max(0, storedAt - endedAt)
    return { perSecond, costUs, late: { leftMs, storedMs } }
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
  const { perSecond: pressing, late: pressingLate } = await measureLive(withPressing)
  await withPressing.stop()
  return { alone: alone.perSecond, live, pressing, drainedPerSecond, pressingLate, ...after }
}

/** Until nothing waits any more, or as long as anybody would wait for that. */
async function drain(url: string): Promise<void> {
  const startedAt = Date.now()
  while ((await countBatches(url)) > 0 && Date.now() - startedAt < drainMsMax) await delay(lookMs)
}
