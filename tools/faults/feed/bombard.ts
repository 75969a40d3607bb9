// Events flow, everything that can die dies, and devices on both sides of each debt look on.
import { randomUUID } from 'node:crypto'
import type { BookEvent } from '@quits/proto/books'
import { makePerson } from '../../../notifier-service/test/bench.ts'
import { makeEvents } from '../../../notifier-service/test/events.ts'
import type { Findings, Run } from '../scenario.ts'
import { areStored, comesTrue, countRows, faultsOfDevice, faultsOfStore } from './checks.ts'
import { type Device, startDevice } from './device.ts'
import type { FeedWorld } from './world.ts'

export type Strike = 'notifier' | 'kafka' | 'mongo' | 'redis' | 'lines'

export interface BombardPlan {
  pairs: number
  devicesPerPerson: number
  /** For each pair, in one debt. */
  events: number
  /** Each falls into its own stretch of the events. */
  strikes: Strike[]
}

const settleMsMax = 180_000

/**
 * While the lines are cut the events pass unseen: a device that does not say where it was (the
 * twin) then misses them, whatever the chance of the other faults.
 */
export async function bombard(world: FeedWorld, run: Run, plan: BombardPlan): Promise<Findings> {
  const stretches = Array.from({ length: plan.pairs }, () => storyOf(plan.events))
  const random = () => run.random.whole(0, 999) / 1_000
  const people = () => world.notifier.people
  const devices = stretches.flatMap(({ pair }) =>
    Object.values(pair).flatMap((userId) => {
      const person = makePerson(userId)
      return Array.from({ length: plan.devicesPerPerson }, (_, index) =>
        startDevice(people, person, { name: `device-${index + 1}`, random }),
      )
    }),
  )
  const [first] = stretches
  const forgetter = makePerson(first?.pair.borrower)
  const twin = startDevice(people, forgetter, { name: 'twin', random, forgetful: true })
  try {
    return await play(world, plan, { stretches, devices, twin })
  } finally {
    await Promise.all([...devices, twin].map((device) => device.leave()))
  }
}

function storyOf(count: number) {
  const pair = { lender: randomUUID(), borrower: randomUUID() }
  return { pair, events: makeEvents(pair, count) }
}

async function play(
  world: FeedWorld,
  plan: BombardPlan,
  scene: { stretches: ReturnType<typeof storyOf>[]; devices: Device[]; twin: Device },
): Promise<Findings> {
  const { stretches, devices, twin } = scene
  const all = [...devices, twin]
  if (!(await comesTrue(() => all.every(({ isLive }) => isLive()), settleMsMax))) {
    throw new Error(`${all.filter(({ isLive }) => !isLive()).length} devices were never welcomed`)
  }
  // A twin is told to reload once, at its first welcome, because it has no place: not its fault.
  const before = await countRows(world)
  const startOf = (index: number) => Math.floor((index * plan.events) / plan.strikes.length)
  for (const [index, strike] of plan.strikes.entries()) {
    const from = startOf(index)
    const upTo = startOf(index + 1)
    const half = Math.floor((from + upTo) / 2)
    const part = (start: number, end: number): BookEvent[] =>
      stretches.flatMap(({ events }) => events.slice(start, end))
    await world.send(part(from, half))
    const rest = part(half, upTo)
    const more = 2 * plan.pairs * upTo
    const passed = () => areStored(world, { before, more }, settleMsMax)
    await strikeNow(world, strike, world.send(rest), passed)
  }
  const isWhole = ({ applied }: Device) => applied.length >= plan.events
  const startedAt = Date.now()
  await comesTrue(() => devices.every(isWhole), settleMsMax)
  const settledMs = Date.now() - startedAt
  const events = stretches.flatMap((story) => story.events)
  const found = devices.flatMap((device) => faultsOfDevice(device, plan.events))
  const stored = await faultsOfStore(world, events)
  const reconnects = devices.reduce((sum, device) => sum + device.spells() - 1, 0)
  const twinMissed = plan.events - twin.applied.length
  return {
    figures: {
      events: events.length,
      devices: devices.length,
      strikes: plan.strikes.length,
      reconnects,
      wholeAfterMs: settledMs,
      wrongDevices: devices.filter((device) => faultsOfDevice(device, plan.events).length > 0)
        .length,
      twinMissed,
    },
    faults: [...found, ...stored].slice(0, 20),
    struck: Math.min(plan.strikes.length, reconnects),
    twinCaught: faultsOfDevice(twin, plan.events).length > 0 && twinMissed > 0,
  }
}

/** `sending` is under way; `passed` resolves when all of it is stored. */
async function strikeNow(
  world: FeedWorld,
  strike: Strike,
  sending: Promise<void>,
  passed: () => Promise<boolean>,
): Promise<void> {
  const { notifier, servers } = world
  if (strike === 'redis') await world.redis.flushall()
  else if (strike === 'lines') {
    notifier.line.refuse(true)
    notifier.line.cutAll()
    await sending
    await passed()
    notifier.line.refuse(false)
  } else {
    const victim = strike === 'notifier' ? notifier.process : servers[strike]
    if (victim === undefined) throw new Error(`this world has no ${strike} that may be killed`)
    await victim.kill('SIGKILL')
    await victim.restart()
  }
  await sending
}
