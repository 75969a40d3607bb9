// N4: everybody comes back at once, each having missed twenty events of their own, beside the bare
// upgrades of as many sockets.
import { MongoClient } from 'mongodb'
import { makeFeedStore, rowOf as feedRowOf } from '../../../notifier-service/src/feed-store.ts'
import { notificationsOf } from '../../../notifier-service/src/notifications.ts'
import { treeCpuUs } from '../cpu.ts'
import type { Caller } from '../ledger/data.ts'
import { median, rowOf } from '../rows.ts'
import { startCrowd } from './crowd.ts'
import { bookIdOf, eventOf } from './events.ts'
import type { FeedBench, FeedSection } from './section.ts'
import type { Stage } from './stage.ts'
import { connectFrame, fetchTickets } from './tickets.ts'
import { inTurns } from './turns.ts'

const missed = 20
const rowsPerInsert = 500
const insertsInFlight = 2
/**
 * A ticket is good for 30 s, and fetching them is not what is measured: so those who come back do it
 * in waves, with and without their connect frames, and the times of the waves add up. As many are on
 * their way in at once as without waves.
 */
const waveLength = 2_000
const since = { epoch: 1, seq: 0 }

export const stormSection: FeedSection = { ids: ['N4'], long: false, measure }

async function measure({ stage, plan, callers }: FeedBench) {
  // The first one is the reader of the fan-out and has a feed already.
  const people = callers.slice(1, 1 + plan.sockets)
  plan.say(`storing ${missed} events for each of ${people.length} people`)
  await storeMissed(stage, people)

  const waves = wavesOf(people)
  const rounds: { aloneMs: number; stormMs: number; notifierUs: number; doorUs: number }[] = []
  const faults: string[] = []
  for (let round = 0; round <= plan.rounds; round += 1) {
    plan.say(round === 0 ? 'storm, warming up' : `storm, round ${round} of ${plan.rounds}`)
    const alone = await startCrowd()
    let aloneMs = 0
    for (const wave of waves) {
      const guests = wave.map(() => ({ last: 0 }))
      aloneMs += await alone.open({ kind: 'feed', port: stage.port, guests })
    }
    await alone.close()
    await alone.stop()

    const crowd = await startCrowd()
    const { notifier, proxy } = stage.pids()
    let stormMs = 0
    let notifierUs = 0
    let doorUs = 0
    for (const wave of waves) {
      const tokens = wave.map(({ token }) => token)
      const tickets = await fetchTickets(stage.url, tokens)
      const guests = tickets.map((ticket) => ({ connect: connectFrame(ticket, since), last: 0 }))
      const before = { notifier: treeCpuUs(notifier), proxy: treeCpuUs(proxy) }
      stormMs += await crowd.open({ kind: 'feed', port: stage.port, guests })
      notifierUs += (treeCpuUs(notifier) - before.notifier) / people.length
      doorUs += (treeCpuUs(proxy) - before.proxy) / people.length
    }
    const taken = await crowd.take()
    if (taken.messages !== people.length * missed || taken.faults > 0) {
      faults.push(`storm: ${taken.messages} events came, ${taken.faults} out of order`)
    }
    await crowd.close()
    await crowd.stop()
    // The first one warms the services up.
    if (round > 0) rounds.push({ aloneMs, stormMs, notifierUs, doorUs })
  }
  return {
    faults,
    rows: [
      rowOf({
        id: 'N4',
        what: `${people.length} come back, ${missed} missed each ÷ their upgrades alone`,
        goal: 3,
        better: 'lower' as const,
        rounds: rounds.map(({ stormMs, aloneMs }) => stormMs / aloneMs),
      }),
    ],
    figures: {
      'ms of the storm': median(rounds.map(({ stormMs }) => stormMs)),
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

/** Straight into the store, by its own hand: how rows get there is not what is measured. */
async function storeMissed(stage: Stage, people: Caller[]): Promise<void> {
  const client = await MongoClient.connect(stage.mongoUrl)
  try {
    const database = client.db('quits')
    const store = makeFeedStore(database)
    const storedAt = new Date()
    const chunks = Math.ceil((people.length * missed) / rowsPerInsert)
    await inTurns(chunks, insertsInFlight, async (chunk) => {
      const from = chunk * rowsPerInsert
      const length = Math.min(rowsPerInsert, people.length * missed - from)
      const rows = Array.from({ length }, (_, offset) => {
        const place = from + offset
        const seq = Math.floor(place / people.length) + 1
        const id = people[place % people.length]?.id ?? ''
        const event = eventOf(bookIdOf(`missed by ${id}`), seq, [id, people[0]?.id ?? id])
        const [draft] = notificationsOf(event)
        if (draft === undefined) throw new Error('an event without a reader')
        return feedRowOf(draft, { epoch: 1, seq }, storedAt)
      })
      const refused = await store.insert(rows, false)
      if (refused.size > 0) throw new Error(`${refused.size} rows were refused`)
    })
  } finally {
    await client.close()
  }
}
