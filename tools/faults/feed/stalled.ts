// Devices that take nothing although megabytes wait for them: more than every buffer between the
// notifier and the device holds, so that only its clock for slow devices can end them.
import { randomUUID } from 'node:crypto'
import { rowOf, rowsOf } from '../../../notifier-service/src/feed-store.ts'
import { type clientOf, makePerson, type Person } from '../../../notifier-service/test/bench.ts'
import { makeEvents } from '../../../notifier-service/test/events.ts'
import { notificationsOf } from '../../../notifier-service/src/notifications.ts'
import { closeCodes } from '@quits/proto/feed'
import { comesTrue } from './checks.ts'
import { type Device, startDevice } from './device.ts'
import type { FeedWorld, Notifier } from './world.ts'

/**
 * About 24 MB for each device: more than all sockets on the way take. Few large ones, so that the
 * store is not kept busy: it is the devices that are to be slow.
 */
const rowsWaiting = 3_000
/** A page of them is less than what makes a device slow for frames beside events (1 MiB). */
const paddingLength = 8_000
const rowsPerInsert = 100
/** At least half a second. */
const looksAlikeMin = 10

/** A person who has missed megabytes. */
export async function makeHoarder({ bench }: FeedWorld): Promise<Person & { missed: number }> {
  const person = makePerson()
  const pair = { lender: randomUUID(), borrower: person.userId }
  const rows = makeEvents(pair, rowsWaiting)
    .flatMap(notificationsOf)
    .filter(({ userId }) => userId === person.userId)
    .map((draft, index) => {
      const row = rowOf(draft, { epoch: 1, seq: index + 1 }, new Date())
      return { ...row, data: { ...row.data, bundle: 'x'.repeat(paddingLength) } }
    })
  for (let from = 0; from < rows.length; from += rowsPerInsert) {
    await rowsOf(bench.database).insertMany(rows.slice(from, from + rowsPerInsert))
  }
  return { ...person, missed: rowsWaiting }
}

/** `count` devices that stop reading with their first welcome, before what they missed. */
export const startStalled = (
  at: () => ReturnType<typeof clientOf>,
  person: Person,
  count: number,
  random: () => number,
): Device[] =>
  Array.from({ length: count }, (_, index) =>
    startDevice(at, person, { name: `stalled-${index}`, random, stalls: true }),
  )

/** What an operator sees of the sockets of one notifier. */
export async function figuresOf({ metricsPort }: Notifier) {
  const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text()
  const figure = (pattern: RegExp) => Number(pattern.exec(text)?.[1] ?? 0)
  const closes = (code: number) =>
    figure(new RegExp(`^quits_feed_closes_total\\{[^}]*code="${code}"[^}]*\\} (\\d+)`, 'm'))
  return {
    sockets: figure(/^quits_feed_sockets\{[^}]*\} (\d+)/m),
    descriptors: figure(/^process_open_fds(?:\{[^}]*\})? (\d+)/m),
    written: figure(/^quits_feed_written_total(?:\{[^}]*\})? (\d+)/m),
    slow: closes(closeCodes.slow),
    noPong: closes(closeCodes.noPong),
  }
}

/** Resolves when the notifier has written nothing for a while: every buffer on the way is full. */
export async function untilStuck(notifier: Notifier, withinMs: number): Promise<void> {
  let written = -1
  let looksAlike = 0
  await comesTrue(async () => {
    const now = (await figuresOf(notifier)).written
    looksAlike = now === written ? looksAlike + 1 : 0
    written = now
    return looksAlike >= looksAlikeMin
  }, withinMs)
}

/** The broken twin: a notifier to which nobody is ever slow. How many it closed as such. */
export async function closedByPatience(
  world: FeedWorld,
  person: Person,
  random: () => number,
  withinMs: number,
): Promise<number> {
  const env = { FEED_STALL_MS: '600000', FEED_PING_MS: '4000', FEED_PONG_MS: '4000' }
  const endless = await world.startNotifier('endless', env)
  const [device] = startStalled(() => endless.people, person, 1, random)
  try {
    await comesTrue(async () => {
      const { slow, noPong } = await figuresOf(endless)
      return slow + noPong > 0
    }, withinMs)
    return (await figuresOf(endless)).slow
  } finally {
    await device?.leave()
    await endless.process.stop()
  }
}
