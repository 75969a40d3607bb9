// N4: everybody comes back at once, each having missed twenty events of their own, beside the bare
// upgrades of as many sockets.
import { treeCpuUs } from '../cpu.ts'
import type { Caller } from '../ledger/data.ts'
import { median, rowOf } from '../rows.ts'
import { startCrowd } from './crowd.ts'
import { bookIdOf, eventOf } from './events.ts'
import { makeLatch } from './latch.ts'
import type { FeedBench, FeedSection } from './section.ts'
import type { Stage } from './stage.ts'
import { connectFrame, fetchTickets } from './tickets.ts'
import { inTurns } from './turns.ts'

const missed = 20
const eventsPerSend = 500
const storedMsMax = 300_000
/**
 * A ticket is good for 30 s, and fetching them is not what is measured: so those who come back do it
 * in waves, with and without their connect frames, and the times of the waves add up. As many are on
 * their way in at once as without waves.
 */
const waveLength = 2_000

export const stormSection: FeedSection = { ids: ['N4'], long: false, measure }

async function measure({ stage, plan, callers }: FeedBench) {
  // The first one is the reader of the fan-out and has a feed already; the others come in pairs.
  const people = callers.slice(1, 1 + plan.sockets - (plan.sockets % 2))
  const rounds: (Storm & { aloneMs: number })[] = []
  let cold: Storm | undefined
  for (let round = 0; round <= plan.rounds; round += 1) {
    plan.say(`storing ${missed} events for each of ${people.length} people who are away`)
    await miss(stage, people, round * missed)
    plan.say(round === 0 ? 'storm, cold' : `storm, round ${round} of ${plan.rounds}`)
    const aloneMs = await upgradesAlone(stage, people)
    const storm = await comeBack(stage, people, round * missed)
    // The first one finds a notifier that has none of it in memory.
    if (round === 0) cold = storm
    else rounds.push({ ...storm, aloneMs })
  }
  return {
    faults: [cold, ...rounds].flatMap((storm) => storm?.faults ?? []),
    rows: [
      rowOf({
        id: 'N4',
        what: `${people.length} come back, ${missed} missed each ÷ their upgrades alone`,
        goal: 3,
        better: 'lower' as const,
        rounds: rounds.map(({ ms, aloneMs }) => ms / aloneMs),
      }),
    ],
    figures: {
      'ms of the storm': median(rounds.map(({ ms }) => ms)),
      'ms of a storm of which the notifier has nothing in memory': cold?.ms ?? 0,
      'ms of the upgrades alone': median(rounds.map(({ aloneMs }) => aloneMs)),
      'CPU µs of the notifier per socket in the storm': median(rounds.map((r) => r.notifierUs)),
      'CPU µs of the front door per socket in the storm': median(rounds.map((r) => r.doorUs)),
    },
  }
}

const wavesOf = (people: Caller[]): Caller[][] =>
  Array.from({ length: Math.ceil(people.length / waveLength) }, (_, index) =>
    people.slice(index * waveLength, (index + 1) * waveLength),
  )

async function upgradesAlone(stage: Stage, people: Caller[]): Promise<number> {
  const crowd = await startCrowd()
  let ms = 0
  for (const wave of wavesOf(people)) {
    const guests = wave.map(() => ({ last: 0 }))
    ms += await crowd.open({ kind: 'feed', port: stage.port, guests })
  }
  await crowd.close()
  await crowd.stop()
  return ms
}

interface Storm {
  ms: number
  notifierUs: number
  doorUs: number
  faults: string[]
}

/** Everybody has what came up to `seq`, and lacks the rest. */
async function comeBack(stage: Stage, people: Caller[], seq: number): Promise<Storm> {
  const crowd = await startCrowd()
  const { notifier, proxy } = stage.pids()
  const storm: Storm = { ms: 0, notifierUs: 0, doorUs: 0, faults: [] }
  for (const wave of wavesOf(people)) {
    const tickets = await fetchTickets(
      stage.url,
      wave.map(({ token }) => token),
    )
    const since = { epoch: 1, seq }
    const guests = tickets.map((ticket) => ({ connect: connectFrame(ticket, since), last: seq }))
    const before = { notifier: treeCpuUs(notifier), proxy: treeCpuUs(proxy) }
    storm.ms += await crowd.open({ kind: 'feed', port: stage.port, guests })
    storm.notifierUs += (treeCpuUs(notifier) - before.notifier) / people.length
    storm.doorUs += (treeCpuUs(proxy) - before.proxy) / people.length
  }
  const taken = await crowd.take()
  if (taken.messages !== people.length * missed || taken.faults > 0) {
    storm.faults.push(`storm: ${taken.messages} events came, ${taken.faults} out of order`)
  }
  await crowd.close()
  await crowd.stop()
  return storm
}

/** Through Kafka and the notifier, two people a book; resolves when all of it is stored. */
async function miss(stage: Stage, people: Caller[], after: number): Promise<void> {
  const storedBefore = await stage.stored()
  const producer = stage.kafka.makeProducer()
  await producer.connect()
  try {
    const events = (people.length / 2) * missed
    await inTurns(Math.ceil(events / eventsPerSend), 1, async (send) => {
      const from = send * eventsPerSend
      const length = Math.min(eventsPerSend, events - from)
      const records = Array.from({ length }, (_, offset) => {
        const place = from + offset
        const pair = Math.floor(place / missed)
        const [one, other] = [people[2 * pair]?.id ?? '', people[2 * pair + 1]?.id ?? '']
        const bookId = bookIdOf(`missed by ${one}`)
        const event = eventOf(bookId, after + (place % missed) + 1, [one, other])
        return { key: bookId, value: JSON.stringify(event) }
      })
      await producer.send(stage.books, records)
    })
    const due = storedBefore + 2 * events
    await makeLatch(storedMsMax)(async () => (await stage.stored()) >= due, 'what was missed')
  } finally {
    await producer.close()
  }
}
