// Events flow, everything that can die dies, and devices on both sides of each debt look on, at two
// notifiers that hear of each other through Redis alone.
import { randomUUID } from 'node:crypto'
import type { BookEvent } from '@quits/proto/books'
import { makePerson, type Person } from '../../../notifier-service/test/bench.ts'
import { makeEvents } from '../../../notifier-service/test/events.ts'
import type { Findings, Run } from '../scenario.ts'
import { areStored, comesTrue, countRows, faultsOfDevice, faultsOfStore } from './checks.ts'
import { type Device, startDevice } from './device.ts'
import { type Cut, cutRedis, faultsOfCounts, type Pairing, startPairing } from './redis-cut.ts'
import type { FeedWorld } from './world.ts'

export type Strike = 'notifier' | 'kafka' | 'mongo' | 'redis' | 'lines'

export interface BombardPlan {
  /** Of its second notifier. */
  name: string
  pairs: number
  devicesPerPerson: number
  /** For each pair, in one debt. */
  events: number
  /** Each falls into its own stretch of the events. */
  strikes: Strike[]
}

const settleMsMax = 180_000
/** Of some pings. */
const countsMsMax = 30_000

/**
 * While the lines are cut the events pass unseen: a device that does not say where it was (the
 * twin) then misses them, whatever the chance of the other faults.
 */
export async function bombard(world: FeedWorld, run: Run, plan: BombardPlan): Promise<Findings> {
  const pairing = await startPairing(world, plan.name)
  const stretches = Array.from({ length: plan.pairs }, () => storyOf(plan.events))
  const random = () => run.random.whole(0, 999) / 1_000
  const people = stretches.flatMap(({ pair }) => Object.values(pair).map((id) => makePerson(id)))
  const startAll = (at: Pairing['near'], isHere: (index: number) => boolean) =>
    people.flatMap((person) =>
      Array.from({ length: plan.devicesPerPerson }, (_, index) => index)
        .filter(isHere)
        .map((index) => startDevice(() => at.people, person, { name: `device-${index}`, random })),
    )
  const near = startAll(pairing.near, (index) => index % 2 === 0)
  const far = startAll(pairing.far, (index) => index % 2 === 1)
  const [first] = stretches
  const forgetter = makePerson(first?.pair.borrower)
  const twin = startDevice(() => pairing.near.people, forgetter, {
    name: 'twin',
    random,
    forgetful: true,
  })
  try {
    return await play(world, plan, { pairing, people, stretches, near, far, twin })
  } finally {
    await Promise.all([...near, ...far, twin].map((device) => device.leave()))
    await pairing.stop()
  }
}

function storyOf(count: number) {
  const pair = { lender: randomUUID(), borrower: randomUUID() }
  return { pair, events: makeEvents(pair, count) }
}

interface Scene {
  pairing: Pairing
  people: Person[]
  stretches: ReturnType<typeof storyOf>[]
  near: Device[]
  far: Device[]
  twin: Device
}

async function play(world: FeedWorld, plan: BombardPlan, scene: Scene): Promise<Findings> {
  const { pairing, people, stretches, twin } = scene
  const devices = [...scene.near, ...scene.far]
  const all = [...devices, twin]
  if (!(await comesTrue(() => all.every(({ isLive }) => isLive()), settleMsMax))) {
    throw new Error(`${all.filter(({ isLive }) => !isLive()).length} devices were never welcomed`)
  }
  const cuts = await strikeAll(world, plan, scene)
  const startedAt = Date.now()
  await comesTrue(() => haveAll(devices, plan.events), settleMsMax)
  const settledMs = Date.now() - startedAt
  const events = stretches.flatMap((story) => story.events)
  const found = devices.flatMap((device) => faultsOfDevice(device, plan.events))
  const stored = await faultsOfStore(world, events)
  const counted = await faultsOfCounts(pairing, people, devices, countsMsMax)
  const reconnects = devices.reduce((sum, device) => sum + device.spells() - 1, 0)
  const twinMissed = plan.events - twin.applied.length
  const idle = cuts.filter(({ hintsRepaired, stale }) => hintsRepaired === 0 || stale === 0)
  return {
    figures: {
      events: events.length,
      devices: devices.length,
      strikes: plan.strikes.length,
      reconnects,
      hintsRepaired: cuts.reduce((sum, cut) => sum + cut.hintsRepaired, 0),
      staleCounts: cuts.reduce((sum, cut) => sum + cut.stale, 0),
      wholeAfterMs: settledMs,
      wrongDevices: devices.filter((device) => faultsOfDevice(device, plan.events).length > 0)
        .length,
      twinMissed,
    },
    faults: [...found, ...stored, ...counted].slice(0, 20),
    // A cut of Redis that left no hint to repair and no count wrong has struck nothing.
    struck: idle.length > 0 ? 0 : Math.min(plan.strikes.length, reconnects),
    twinCaught: faultsOfDevice(twin, plan.events).length > 0 && twinMissed > 0,
  }
}

const haveAll = (devices: Device[], upTo: number) =>
  devices.every(({ applied }) => applied.length >= upTo)

/** Each strike in its own stretch of the events; tells what the cuts of Redis did. */
async function strikeAll(world: FeedWorld, plan: BombardPlan, scene: Scene): Promise<Cut[]> {
  const { pairing, people, stretches, near, far } = scene
  const devices = [...near, ...far]
  const cuts: Cut[] = []
  const before = await countRows(world)
  const startOf = (index: number) => Math.floor((index * plan.events) / plan.strikes.length)
  for (const [index, strike] of plan.strikes.entries()) {
    const from = startOf(index)
    const upTo = startOf(index + 1)
    const half = Math.floor((from + upTo) / 2)
    const part = (start: number, end: number): BookEvent[] =>
      stretches.flatMap(({ events }) => events.slice(start, end))
    await world.send(part(from, half))
    const send = () => world.send(part(half, upTo))
    if (strike === 'redis') {
      // Whoever is behind for another reason would look as if the cut had done it.
      await comesTrue(() => haveAll(devices, half), settleMsMax)
      const isWhole = () => haveAll(devices, upTo)
      const cut = { people, farDevices: far, send }
      cuts.push(await cutRedis(pairing, cut, isWhole, settleMsMax))
    } else {
      const more = 2 * plan.pairs * upTo
      const passed = () => areStored(world, { before, more }, settleMsMax)
      await strikeNow(world, pairing, strike, send, passed)
    }
  }
  return cuts
}

/** `passed` resolves when all that is sent meanwhile is stored. */
async function strikeNow(
  world: FeedWorld,
  { near, far }: Pairing,
  strike: Exclude<Strike, 'redis'>,
  send: () => Promise<void>,
  passed: () => Promise<boolean>,
): Promise<void> {
  const sending = send()
  const both = [near, far]
  if (strike === 'lines') {
    for (const { line } of both) {
      line.refuse(true)
      line.cutAll()
    }
    await sending
    await passed()
    for (const { line } of both) line.refuse(false)
  } else {
    const victims = strike === 'notifier' ? both.map((one) => one.process) : [world.servers[strike]]
    await Promise.all(
      victims.map(async (victim) => {
        if (victim === undefined) throw new Error(`this world has no ${strike} that may be killed`)
        await victim.kill('SIGKILL')
        await victim.restart()
      }),
    )
  }
  await sending
}
