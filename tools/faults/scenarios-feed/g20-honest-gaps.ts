// G20: cursors that cannot be resumed from. The answer is a gap, never a part of the past.
import { randomUUID } from 'node:crypto'
import type { Cursor } from '@quits/proto/feed'
import { rowsOf } from '../../../notifier-service/src/feed-store.ts'
import { makePerson } from '../../../notifier-service/test/bench.ts'
import { makeEvents } from '../../../notifier-service/test/events.ts'
import type { FeedClient } from '../../../notifier-service/test/feed-client.ts'
import { areStored, countRows } from '../feed/checks.ts'
import type { FeedWorld, Notifier } from '../feed/world.ts'
import type { Run, Scenario } from '../scenario.ts'

const own = 40
const others = 60
/** Retention has removed the seqs below it. */
const earliest = 21
const storedMsMax = 60_000
/** Below the number of sockets that a person may have. */
const atOnce = 8

type Ask = (random: Run['random']) => Cursor
/** Another person's place is a number like any other; beyond one's own head it is none. */
const askers: Record<string, Ask> = {
  'below retention': (random) => ({ epoch: 1, seq: random.whole(0, earliest - 2) }),
  'above the head': (random) => ({ epoch: 1, seq: own + random.whole(1, 1_000_000) }),
  'another epoch': (random) => ({ epoch: random.whole(2, 9), seq: random.whole(0, own) }),
  "another person's": (random) => ({ epoch: 1, seq: random.whole(own + 1, others) }),
}

export const honestGaps: Scenario<FeedWorld> = {
  id: 'G20',
  what: 'cursors below retention, above the head, of another epoch or person: a gap, never a partial replay',
  needs: 'any',
  async play(world, run) {
    const each = run.short ? 10 : 100
    const bo = makePerson()
    await fill(world, bo.userId)
    const quick = await world.startNotifier('quick', { FEED_PING_MS: '1000' })
    const cursors = Object.entries(askers).flatMap(([kind, ask]) =>
      Array.from({ length: each }, () => ({ kind, since: ask(run.random) })),
    )
    const faults: string[] = []
    const whole = await answerTo(quick, bo, { epoch: 1, seq: earliest - 1 })
    const kept = whole.filter(({ type }) => type === 'event')
    // Two broken twins: each must be caught by its own part of the check, and at every cursor.
    const caught = { recovered: 0, replayed: 0 }
    for (let from = 0; from < cursors.length; from += atOnce) {
      const answers = cursors.slice(from, from + atOnce).map(async ({ kind, since }) => {
        const frames = await answerTo(quick, bo, since)
        faults.push(...faultsOf(`${kind} ${since.epoch}:${since.seq}`, frames))
        if (faultsOf('twin', asIfRecovered(frames)).length > 0) caught.recovered += 1
        const [fault, ...more] = faultsOf('twin', asIfReplayed(frames, kept))
        if (fault === 'twin: a part of the past' && more.length === 0) caught.replayed += 1
      })
      await Promise.all(answers)
    }
    const seqs = whole.flatMap((frame) => (frame.type === 'event' ? [frame.seq] : []))
    if (seqs.length !== own - earliest + 1) faults.push(`a good cursor brought ${seqs.length}`)
    await quick.process.stop()
    return {
      figures: { cursors: cursors.length, dishonest: faults.length, replayed: seqs.length },
      faults: faults.slice(0, 20),
      struck: cursors.length,
      twinCaught: Object.values(caught).every((times) => times === cursors.length),
    }
  },
}

/** `own` events for this person, more for another, and then retention comes by. */
async function fill(world: FeedWorld, userId: string): Promise<void> {
  const pairs = [
    { pair: { lender: randomUUID(), borrower: userId }, count: own },
    { pair: { lender: randomUUID(), borrower: randomUUID() }, count: others },
  ]
  const before = await countRows(world)
  await world.send(pairs.flatMap(({ pair, count }) => makeEvents(pair, count)))
  if (!(await areStored(world, { before, more: 2 * (own + others) }, storedMsMax))) {
    throw new Error('the events were not stored')
  }
  await rowsOf(world.bench.database).deleteMany({ userId, epoch: 1, seq: { $lt: earliest } })
}

type Frames = FeedClient['frames']

/** All that is said between the welcome and the first ping, which comes after every replay. */
async function answerTo(
  { people }: Notifier,
  person: ReturnType<typeof makePerson>,
  since: Cursor,
) {
  const device = `g20-${since.epoch}-${since.seq}`
  const client = await people.connect(person, since, { device })
  await client.frame('ping')
  client.socket.terminate()
  return client.frames
}

function faultsOf(what: string, frames: Frames): string[] {
  const faults: string[] = []
  const welcome = frames.find((frame) => frame.type === 'welcome')
  if (welcome?.type !== 'welcome') return [`${what}: not welcomed`]
  if (welcome.recovered) faults.push(`${what}: says it has recovered`)
  const gap = frames.find((frame) => frame.type === 'gap')
  if (gap?.type !== 'gap') faults.push(`${what}: no gap`)
  else if (gap.earliest !== earliest) faults.push(`${what}: a gap from ${gap.earliest}`)
  if (frames.some((frame) => frame.type === 'event')) faults.push(`${what}: a part of the past`)
  return faults
}

/** Broken twin: a server that owns up to the gap, and replays what it still has all the same. */
const asIfReplayed = (frames: Frames, kept: Frames): Frames => [...frames, ...kept]

/** Broken twin: a server that takes what it still has for all there was. */
function asIfRecovered(frames: Frames): Frames {
  return frames
    .filter(({ type }) => type !== 'gap')
    .map((frame) => (frame.type === 'welcome' ? { ...frame, recovered: true } : frame))
}
