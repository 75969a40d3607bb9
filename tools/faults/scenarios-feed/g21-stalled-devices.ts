// G21: devices that stop reading, through the real front door. The others do not notice; the stalled
// ones are let go, by the clock for slow devices or by their missing pongs, and catch up.
import { randomUUID } from 'node:crypto'
import { makePerson } from '../../../notifier-service/test/bench.ts'
import { makeEvents } from '../../../notifier-service/test/events.ts'
import { comesTrue, faultsOfDevice } from '../feed/checks.ts'
import { type Device, startDevice } from '../feed/device.ts'
import { watchMemory } from '../feed/memory.ts'
import { type Door, startDoor } from '../feed/front-door.ts'
import {
  closedByPatience,
  figuresOf,
  makeHoarder,
  startStalled,
  untilStuck,
} from '../feed/stalled.ts'
import type { FeedWorld, Notifier } from '../feed/world.ts'
import type { Scenario } from '../scenario.ts'

const devicesPerPerson = 10
const closedMsMax = 10_000
const liveP99MsMax = 500
const grownMbMax = 200
const wholeMsMax = 120_000
/** MongoDB's driver opens up to 16 connections when much is read at once; others come and go. */
const descriptorsMoreMax = 24
/** Pace of the events, so that what is measured is not a queue of our own making. */
const pauseMs = 200

export const stalledDevices: Scenario<FeedWorld> = {
  id: 'G21',
  what: '100 stalled and 900 live devices: the live ones within 500 ms, the stalled closed within 10 s and whole afterwards',
  needs: 'any',
  async play(world, run) {
    const people = run.short ? 10 : 100
    const events = run.short ? 50 : 100
    const hoarders = run.short ? 3 : 5
    // A stall is noticed by a write that does not drain, else by a ping without an answer.
    const patient = await world.startNotifier('patient', {
      FEED_PING_MS: '3500',
      FEED_PONG_MS: '4000',
      FEED_STALL_MS: '2500',
    })
    // The door waits longer: it is the notifier that has to see who is slow.
    const door = await startDoor(patient, { CLIENT_STALL_MS: '6000' })
    const random = () => run.random.whole(0, 999) / 1_000
    try {
      const hoarder = await makeHoarder(world)
      const scene = makeScene(door, people, events, random)
      const stalled = scene.devices.filter((_, index) => index % 10 === 0)
      const live = scene.devices.filter((_, index) => index % 10 !== 0)
      const startHoarders = () => startStalled(() => door.people, hoarder, hoarders, random)
      const all = { ...scene, stalled, live, events, hoarder, startHoarders }
      const found = await play(world, { notifier: patient, door }, all)
      const twin = await withoutRescue(world, patient, random)
      const endless = await closedByPatience(world, hoarder, random, 2 * closedMsMax)
      const twinCaught = twin.length > 0 && endless === 0
      return { ...found, struck: found.figures.slow === 0 ? 0 : stalled.length, twinCaught }
    } finally {
      await door.stop()
      await patient.process.stop()
    }
  },
}

/** When each event was sent, and how late live devices got it. */
function makeScene(door: Door, people: number, events: number, random: () => number) {
  const sentAt = new Map<number, number>()
  const lateMs: number[] = []
  const pairs = Array.from({ length: people / 2 }, () => ({
    lender: randomUUID(),
    borrower: randomUUID(),
  }))
  const stories = pairs.map((pair) => makeEvents(pair, events))
  const devices = pairs.flatMap(Object.values).flatMap((userId: string, index) => {
    const person = makePerson(userId)
    return Array.from({ length: devicesPerPerson }, (_, number) => {
      const isLive = (index * devicesPerPerson + number) % 10 !== 0
      const onEvent = (seq: number) => lateMs.push(Date.now() - (sentAt.get(seq) ?? Date.now()))
      const name = `device-${number}`
      const options = { name, random, ...(isLive ? { onEvent } : {}) }
      return startDevice(() => door.people, person, options)
    })
  })
  return { stories, devices, sentAt, lateMs }
}

type Scene = ReturnType<typeof makeScene> & {
  stalled: Device[]
  live: Device[]
  events: number
  hoarder: { missed: number }
  /** Devices that stop reading although megabytes wait for them. */
  startHoarders: () => Device[]
}

async function play(
  world: FeedWorld,
  { notifier, door }: { notifier: Notifier; door: Door },
  scene: Scene,
) {
  const { devices, stalled, live, stories, events, sentAt, lateMs } = scene
  const hoarders: Device[] = []
  try {
    await comesTrue(() => devices.every(({ isLive }) => isLive()), wholeMsMax)
    const memory = watchMemory(() => notifier.process.pid)
    const before = await figuresOf(notifier)
    hoarders.push(...scene.startHoarders())
    await comesTrue(() => hoarders.every(({ isLive }) => isLive()), wholeMsMax)
    await untilStuck(notifier, wholeMsMax)
    for (const device of stalled) device.stall(true)
    const stalledAt = Date.now()
    const closing = comesTrue(async () => {
      const { sockets } = await figuresOf(notifier)
      return sockets <= live.length && (await door.sockets()) <= live.length
    }, 60_000)
    const closedMs = closing.then(async () => ({
      slowestCloseMs: Date.now() - stalledAt,
      after: await figuresOf(notifier),
    }))
    for (let at = 0; at < events; at += 1) {
      sentAt.set(at + 1, Date.now())
      await world.send(stories.flatMap((story) => story.slice(at, at + 1)))
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
    await comesTrue(() => live.every(({ applied }) => applied.length >= events), wholeMsMax)
    const { slowestCloseMs, after } = await closedMs
    for (const device of [...stalled, ...hoarders]) device.stall(false)
    await comesTrue(() => devices.every(({ applied }) => applied.length >= events), wholeMsMax)
    const { missed } = scene.hoarder
    await comesTrue(() => hoarders.every(({ applied }) => applied.length >= missed), wholeMsMax)
    memory.stop()
    const sorted = lateMs.toSorted((one, other) => one - other)
    const p99Ms = sorted[Math.floor(sorted.length * 0.99)] ?? 0
    const faults = devices.flatMap((device) => faultsOfDevice(device, events))
    faults.push(...hoarders.flatMap((device) => faultsOfDevice(device, missed)))
    const slow = after.slow - before.slow
    const noPong = after.noPong - before.noPong
    const expected = [hoarders.length, stalled.length]
    if (slow !== expected[0]) faults.push(`${slow} closed as slow, not ${expected[0]}`)
    if (noPong !== expected[1]) faults.push(`${noPong} closed without a pong, not ${expected[1]}`)
    // Devices are lines of a trunk: neither their coming nor their going costs the notifier one.
    const descriptorsLeft = after.descriptors - before.descriptors
    if (descriptorsLeft > descriptorsMoreMax) faults.push(`${descriptorsLeft} descriptors left`)
    if (slowestCloseMs > closedMsMax) faults.push(`stalled ones closed after ${slowestCloseMs} ms`)
    if (p99Ms > liveP99MsMax) faults.push(`live p99 ${p99Ms} ms`)
    if (memory.grownMb() > grownMbMax) faults.push(`memory grew by ${memory.grownMb()} MB`)
    const figures = {
      live: live.length,
      stalled: stalled.length,
      frames: lateMs.length,
      p99Ms,
      closedMs: slowestCloseMs,
      slow,
      noPong,
      descriptorsLeft,
      grownMb: memory.grownMb(),
    }
    return { figures, faults: faults.slice(0, 20) }
  } finally {
    await Promise.all([...devices, ...hoarders].map((device) => device.leave()))
  }
}

/** The broken twin: a device that is closed while it does not read, and comes back without its place. */
async function withoutRescue(world: FeedWorld, notifier: Notifier, random: () => number) {
  const events = 20
  const pair = { lender: randomUUID(), borrower: randomUUID() }
  const options = { name: 'twin', random, forgetful: true }
  const twin = startDevice(() => notifier.people, makePerson(pair.borrower), options)
  const other = startDevice(() => notifier.people, makePerson(pair.lender), {
    name: 'other',
    random,
  })
  try {
    await comesTrue(() => twin.isLive() && other.isLive(), wholeMsMax)
    twin.stall(true)
    await world.send(makeEvents(pair, events))
    await comesTrue(() => other.applied.length >= events, wholeMsMax)
    twin.crash()
    const spells = twin.spells()
    twin.stall(false)
    await comesTrue(() => twin.spells() > spells, wholeMsMax)
    return faultsOfDevice(twin, events)
  } finally {
    await Promise.all([twin.leave(), other.leave()])
  }
}
