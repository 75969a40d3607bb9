// K1: from a COMMIT in Postgres to the frame at the reader, with everything on, beside the broker's
// own end-to-end time in the same seconds; and the highest rate at which p95 stays under a second.
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Caller } from '../ledger/data.ts'
import { withClient } from '../databases.ts'
import { median, rowOf } from '../rows.ts'
import { type Asker, makeAsker } from './ask.ts'
import { startBroker } from './broker.ts'
import { type Crowd, startCrowd } from './crowd.ts'
import type { Arrival } from './crowd-words.ts'
import type { FeedBench, FeedPlan, FeedSection } from './section.ts'
import { openLoop, type Pace, quantile, settled, withSettling } from './pace.ts'
import type { Stage } from './stage.ts'
import { connectFrame, fetchTickets } from './tickets.ts'

const readersMax = 1_000
const perSecond = 300
/** Enough for a p99, and hardly a load. */
const probesPerSecond = 50
const ladder = [
  50, 100, 150, 200, 250, 300, 350, 400, 500, 600, 800, 1_000, 1_300, 1_600, 2_000, 2_500, 3_200,
  4_000,
]
const p95MsMax = 1_000
/** A rate that is not kept measures a lower one. */
const keptShare = 0.95
const waitMsMax = 60_000
const lookMs = 200
/** What was written before is on its way to the disk for half a minute, and a broker feels it most. */
const settleMs = 30_000
/**
 * What has just started is neither compiled nor planned, and is not what people use: everything is
 * measured as it runs.
 */
const warming = { perSecond: 2 * perSecond, seconds: 60 }
const connectionsMax = 64
const body = JSON.stringify({ kind: 'advance', amount: { minor: '1250', currency: 'EUR' } })

export const latencySection: FeedSection = { ids: ['K1'], long: false, measure }

async function measure({ stage, plan, callers }: FeedBench) {
  // Their lenders are half the circle away and must not be among them.
  const readers = callers.slice(0, Math.min(readersMax, Math.floor(plan.sockets / 2)))
  const tickets = await fetchTickets(
    stage.url,
    readers.map(({ token }) => token),
  )
  const crowd = await startCrowd()
  const guests = tickets.map((ticket) => ({ connect: connectFrame(ticket), last: 0 }))
  await crowd.open({ kind: 'feed', port: stage.port, guests, records: true })
  const feed = (pace: Pace) => feedTimes(stage, crowd, readers, pace)

  const { rounds: count, seconds } = plan
  const broker = await startBroker(stage.kafkaUrl)
  plan.say('latency, letting the disk come to rest')
  await delay(settleMs)
  plan.say('latency, the broker with the machine for itself')
  await broker.times({ perSecond, seconds })
  const alone: number[][] = []
  while (alone.length < count) alone.push(await broker.times({ perSecond, seconds }))
  // From here on there is no pause in which everything grows cold again.
  plan.say('latency, warming up')
  await feed(warming)
  const rounds: { feed: number[]; beside: number[] }[] = []
  for (let round = 1; round <= count; round += 1) {
    plan.say(`latency, round ${round} of ${count}`)
    const [fed, beside] = await Promise.all([
      feed({ perSecond, seconds }),
      broker.times({ perSecond: probesPerSecond, seconds }),
    ])
    rounds.push({ feed: fed.times, beside })
  }
  await broker.stop()
  const climbed = await climb(feed, plan)
  const { faults } = await crowd.take()
  await crowd.stop()
  const lost = rounds.flatMap((round) => round.feed).filter((ms) => ms === Number.POSITIVE_INFINITY)
  const aloneP99 = median(alone.map(p99))
  const of = (pick: (round: (typeof rounds)[number]) => number) => median(rounds.map(pick))
  return {
    faults: [
      ...(faults === 0 ? [] : [`${faults} events of the ledger came out of order`]),
      ...(lost.length === 0 ? [] : [`${lost.length} entries were refused or did not come`]),
    ],
    rows: [
      rowOf({
        id: 'K1',
        what: `p99 from COMMIT to frame ÷ the broker's own, at ${perSecond}/s`,
        goal: 4,
        better: 'lower' as const,
        rounds: rounds.map((round) => p99(round.feed) / p99(round.beside)),
      }),
    ],
    figures: {
      'ms from COMMIT to frame, p50': of((round) => quantile(round.feed, 0.5)),
      'ms from COMMIT to frame, p95': of((round) => quantile(round.feed, 0.95)),
      'ms from COMMIT to frame, p99': of((round) => p99(round.feed)),
      'ms of the broker in the same seconds, p50': of((round) => quantile(round.beside, 0.5)),
      'ms of the broker in the same seconds, p99': of((round) => p99(round.beside)),
      'ms of the broker with the machine for itself, p50': median(
        alone.map((times) => quantile(times, 0.5)),
      ),
      'ms of the broker with the machine for itself, p99': aloneP99,
      'p99 ÷ that of the broker with the machine for itself': of(
        (round) => p99(round.feed) / aloneP99,
      ),
      ...climbed,
    },
  }
}

const p99 = (times: number[]) => quantile(times, 0.99)

/** What came of a pace: a time for each entry, and how many of them were committed in a second. */
interface Fed {
  times: number[]
  committedPerSecond: number
}
type Feed = (pace: Pace) => Promise<Fed>

/** One rate after the other until p95 is over a second, or the ledger takes entries no faster. */
async function climb(feed: Feed, plan: FeedPlan): Promise<Record<string, number>> {
  let best = { rate: 0, p95: 0 }
  for (const rate of ladder) {
    plan.say(`latency at ${rate} transactions/s`)
    const { times, committedPerSecond } = await feed({ perSecond: rate, seconds: plan.seconds })
    const p95 = quantile(times, 0.95)
    if (p95 > p95MsMax || committedPerSecond < keptShare * rate) break
    best = { rate, p95 }
  }
  return {
    'transactions/s, the highest rate tried that was kept, with p95 under 1 s': best.rate,
    'ms from COMMIT to frame there, p95': best.p95,
  }
}

/**
 * Enters at the pace, and tells for each entry how long after its COMMIT its frame was read: for ever
 * where it was refused or did not come, as happens above the highest rate.
 */
async function feedTimes(stage: Stage, crowd: Crowd, readers: Caller[], pace: Pace): Promise<Fed> {
  const asker = makeAsker(stage.url, connectionsMax)
  const ids: string[] = []
  let refused = 0
  await openLoop(withSettling(pace), async (index) => {
    const reader = readers[index % readers.length]
    const debtId = reader?.debtIds[0] ?? ''
    const seq = await enter(asker, reader?.token ?? '', debtId)
    if (seq === undefined) refused += 1
    else ids.push(`${debtId}:${seq}`)
  })
  asker.close()
  const arrivals = new Map<string, number>()
  for (let waitedMs = 0; arrivals.size < ids.length && waitedMs < waitMsMax; waitedMs += lookMs) {
    await delay(lookMs)
    note(arrivals, (await crowd.take()).arrivals)
  }
  const commits = await commitTimes(stage.ground.postgres.url, ids)
  const forEver = Array<number>(refused).fill(Number.POSITIVE_INFINITY)
  const times = ids.map(
    (id) => (arrivals.get(id) ?? Number.POSITIVE_INFINITY) - (commits.get(id) ?? Number.NaN),
  )
  const counted = settled(
    [...commits.values()].toSorted((a, b) => a - b),
    pace,
  )
  const tookMs = (counted.at(-1) ?? 0) - (counted[0] ?? 0)
  return {
    times: settled(times, pace).concat(forEver),
    committedPerSecond: (1_000 * (counted.length - 1)) / tookMs,
  }
}

function note(arrivals: Map<string, number>, some: Arrival[]): void {
  for (const [id, atMs] of some) {
    if (arrivals.has(id)) throw new Error(`${id} came twice`)
    arrivals.set(id, atMs)
  }
}

/** Resolves with the entry's seq, or undefined when there was no room for it. */
async function enter(asker: Asker, token: string, debtId: string): Promise<number | undefined> {
  const entry = await asker.ask<{ seq: number }>({
    path: `/v1/debts/${debtId}/transactions`,
    token,
    headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() },
    body,
  })
  return entry?.seq
}

/** When Postgres committed each row, by its own clock, which is this machine's. */
async function commitTimes(url: string, ids: string[]): Promise<Map<string, number>> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<{ id: string; ms: number }>(
      `SELECT book_id || ':' || seq AS id,
         extract(epoch FROM pg_xact_commit_timestamp(xmin))::float8 * 1000 AS ms
       FROM transactions WHERE book_id || ':' || seq = ANY($1)`,
      [ids],
    )
    return new Map(rows.map(({ id, ms }) => [id, ms]))
  })
}
