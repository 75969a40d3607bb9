// G13: a tenth of what comes can never be read. It is put aside with its reason; the rest goes on.
import { randomUUID } from 'node:crypto'
import type { BookEvent } from '@quits/proto/books'
import { makeEvents } from '../../../notifier-service/test/events.ts'
import { openGraveyard } from '../../feed/dead-letters.ts'
import { startBrokenReader } from '../feed/broken-reader.ts'
import { comesTrue, countRows, faultsOfStore } from '../feed/checks.ts'
import type { FeedWorld } from '../feed/world.ts'
import type { Run, Scenario } from '../scenario.ts'

const eventsPerDebt = 100
const poisonEvery = 10
const stallMsMax = 2_000
const storedMsMax = 300_000

export const poison: Scenario<FeedWorld> = {
  id: 'G13',
  what: '1,000 poison records among 10,000: all others handled, each poison buried with its reason, no stall over 2 s',
  needs: 'any',
  async play(world, run) {
    const story = makeStory(run, run.short ? 10 : 100)
    const pace = await sendAndWatch(world, story)
    const faults = await faultsOfStore(world, story.good)
    faults.push(...(await faultsOfGraves(world, world.bench.prefix, story.bad)))
    if (pace.longestStallMs > stallMsMax) faults.push(`stood still for ${pace.longestStallMs} ms`)
    return {
      figures: {
        good: story.good.length,
        poison: story.bad.length,
        rows: pace.rows,
        seconds: Math.round(pace.tookMs / 1_000),
        longestStallMs: pace.longestStallMs,
      },
      faults: faults.slice(0, 20),
      struck: story.bad.length,
      twinCaught: (await faultsOfSilence(world, run)).length > 0,
    }
  },
}

interface Poison {
  id: string
  [field: string]: unknown
}

/** Good and bad records in the order of sending; the bad ones are of every kind there is. */
function makeStory({ random }: Run, debts: number) {
  const good: BookEvent[] = []
  const bad: Poison[] = []
  const all: { id: string }[] = []
  for (let debt = 0; debt < debts; debt += 1) {
    for (const event of makeEvents(
      { lender: randomUUID(), borrower: randomUUID() },
      eventsPerDebt,
    )) {
      good.push(event)
      all.push(event)
      if (good.length % poisonEvery !== 0) continue
      const { data } = event
      const id = `${data.bookId}:poison-${good.length}`
      const letter = random.pick<Poison>([
        { ...event, id, type: 'transaction.posted.v9' },
        { ...event, id, data: { ...data, parties: 'everybody' } },
        { ...event, id, data: { ...data, amount: { minor: '1e3', currency: 'EUR' } } },
        { id, nothing: true },
      ])
      bad.push(letter)
      all.push(letter)
    }
  }
  return { good, bad, all }
}

type Story = ReturnType<typeof makeStory>

/** How long nothing moved at the longest, from the first row to the last. */
async function sendAndWatch(world: FeedWorld, { good, all }: Story) {
  const rows = 2 * good.length
  const before = await countRows(world)
  await world.send(all)
  const startedAt = Date.now()
  let stored = 0
  let movedAt = startedAt
  let longestStallMs = 0
  const isDone = async () => {
    const now = (await countRows(world)) - before
    if (now > stored) {
      if (stored > 0) longestStallMs = Math.max(longestStallMs, Date.now() - movedAt)
      stored = now
      movedAt = Date.now()
    }
    return stored >= rows
  }
  await comesTrue(isDone, storedMsMax)
  return { rows, tookMs: movedAt - startedAt, longestStallMs }
}

async function faultsOfGraves(world: FeedWorld, prefix: string, bad: Poison[]): Promise<string[]> {
  const graveyard = await openGraveyard(world.bench.env.KAFKA_URL, prefix)
  try {
    const letters = (await graveyard.list()).map(({ letter }) => letter)
    const reasons = new Map(letters.map(({ value, reason }) => [value, reason]))
    const lost = bad.filter((letter) => !reasons.has(JSON.stringify(letter)))
    const mute = bad.filter((letter) => reasons.get(JSON.stringify(letter)) === '')
    return [
      ...(lost.length > 0 ? [`${lost.length} of ${bad.length} poison records are gone`] : []),
      ...(mute.length > 0 ? [`${mute.length} dead letters give no reason`] : []),
    ]
  } finally {
    await graveyard.close()
  }
}

/** The broken twin: a reader that passes over what it does not understand. */
async function faultsOfSilence(world: FeedWorld, run: Run): Promise<string[]> {
  const reader = await startBrokenReader(world, { commitsFirst: false })
  try {
    const story = makeStory(run, 1)
    await reader.send(story.all)
    if (!(await comesTrue(() => reader.read() >= story.all.length, storedMsMax))) {
      throw new Error('the twin read nothing')
    }
    return await faultsOfGraves(world, reader.prefix, story.bad)
  } finally {
    await reader.stop()
  }
}
