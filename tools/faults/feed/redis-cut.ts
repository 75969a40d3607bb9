// Redis is cut off from one of two notifiers: what one of them stores and what is marked at one of
// them is told to the other by nobody, and only pings bring it.
import type { Counts } from '@quits/proto/feed'
import type { Person } from '../../../notifier-service/test/bench.ts'
import { makeLine } from '../../../notifier-service/test/line.ts'
import { comesTrue } from './checks.ts'
import type { Device } from './device.ts'
import type { FeedWorld, Notifier } from './world.ts'

export interface Pairing {
  near: Notifier
  /** Hears of the near one, and is heard by it, through `line` alone. */
  far: Notifier
  line: Awaited<ReturnType<typeof makeLine>>
  stop: () => Promise<void>
}

export async function startPairing(world: FeedWorld, name: string): Promise<Pairing> {
  const line = await makeLine(world.bench.env.REDIS_URL)
  const far = await world.startNotifier(name, { REDIS_URL: line.url })
  const stop = async () => {
    await far.process.stop()
    await line.stop()
  }
  return { near: world.notifier, far, line, stop }
}

/** What one cut did; zeros say that it did nothing. */
export interface Cut {
  hintsRepaired: number
  /** Far devices whose counts were wrong while nobody told them of the marks. */
  stale: number
}

/**
 * Cuts, marks everything of each person at the near notifier, sends, and mends when
 * every device has all of it: by pings, because nothing else is left.
 */
export async function cutRedis(
  { near, far, line }: Pairing,
  scene: { people: Person[]; farDevices: Device[]; send: () => Promise<void> },
  isWhole: () => boolean,
  withinMs: number,
): Promise<Cut> {
  const repaired = async () => (await hintsRepairedBy(near)) + (await hintsRepairedBy(far))
  const before = await repaired()
  line.cut()
  const marked = new Map<string, Counts>()
  for (const person of scene.people) marked.set(person.userId, await markAll(near, person))
  const stale = scene.farDevices.filter((device) => !agrees(device, marked.get(device.userId)))
  await scene.send()
  await comesTrue(isWhole, withinMs)
  const hintsRepaired = (await repaired()) - before
  line.mend()
  return { hintsRepaired, stale: stale.length }
}

/** Devices whose counts are not those of the store, once they have had the time of some pings. */
export async function faultsOfCounts(
  { near }: Pairing,
  people: Person[],
  devices: Device[],
  withinMs: number,
): Promise<string[]> {
  const stored = new Map<string, Counts>()
  for (const person of people) {
    const { body } = await near.people.ask(person, 'GET', '/v1/notifications?limit=1')
    stored.set(person.userId, body['counts'] as Counts)
  }
  const wrong = () => devices.filter((device) => !agrees(device, stored.get(device.userId)))
  await comesTrue(() => wrong().length === 0, withinMs)
  return wrong().map(({ name, userId, counts }) => {
    const due = JSON.stringify(stored.get(userId))
    return `${name} counts ${JSON.stringify(counts())} where the store has ${due}`
  })
}

const agrees = (device: Device, counts: Counts | undefined) =>
  device.counts()?.unseen === counts?.unseen && device.counts()?.unread === counts?.unread

async function markAll({ people }: Notifier, person: Person): Promise<Counts> {
  const marks = { upTo: Number.MAX_SAFE_INTEGER, status: 'read' }
  const { status, body } = await people.ask(person, 'POST', '/v1/notifications/marks', marks)
  if (status !== 200) throw new Error(`marks were answered ${status}`)
  return body['counts'] as Counts
}

async function hintsRepairedBy({ metricsPort }: Notifier): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${metricsPort}/metrics`)
  const line = /^quits_feed_hints_repaired_total\{[^}]*\} (\d+)/m.exec(await answer.text())
  return Number(line?.[1] ?? 0)
}
