// F2: the notifier comes back to a full topic, and dies in the middle of it.
import { randomUUID } from 'node:crypto'
import { makeEvents } from '../../../notifier-service/test/events.ts'
import { areStored, countRows, faultsOfStore } from '../feed/checks.ts'
import { faultsOfCommitFirst } from '../feed/commit-first.ts'
import { watchMemory } from '../feed/memory.ts'
import type { FeedWorld } from '../feed/world.ts'
import type { Scenario } from '../scenario.ts'

const eventsPerDebt = 100
const memoryMbMax = 300
const storedMsMax = 300_000

export const coldStart: Scenario<FeedWorld> = {
  id: 'F2',
  what: '20,000 events wait, the notifier starts cold and is killed once: all stored once, below 300 MB',
  needs: 'any',
  async play(world, run) {
    const { process } = world.notifier
    await process.kill('SIGKILL')
    const debts = run.short ? 10 : 200
    const events = Array.from({ length: debts }, () =>
      makeEvents({ lender: randomUUID(), borrower: randomUUID() }, eventsPerDebt),
    )
    // As people pay: one entry here, one there.
    const mixed = Array.from({ length: eventsPerDebt }, (_, at) =>
      events.map((story) => story.slice(at, at + 1)),
    ).flat(2)
    await world.send(mixed)
    const rows = 2 * mixed.length
    const before = await countRows(world)
    const memory = watchMemory(() => process.pid)
    const startedAt = Date.now()
    await process.restart()
    await areStored(world, { before, more: rows / 2 }, storedMsMax)
    const atKill = (await countRows(world)) - before
    await process.kill('SIGKILL')
    await process.restart()
    await areStored(world, { before, more: rows }, storedMsMax)
    const seconds = Math.round((Date.now() - startedAt) / 1_000)
    memory.stop()
    const faults = await faultsOfStore(world, mixed)
    if (memory.highestMb() >= memoryMbMax) faults.push(`${memory.highestMb()} MB of memory`)
    const twin = await faultsOfCommitFirst(world)
    return {
      figures: { waiting: mixed.length, rows, seconds, memoryMb: memory.highestMb(), atKill },
      faults: faults.slice(0, 20),
      struck: atKill < rows ? 1 : 0,
      twinCaught: twin.length > 0,
    }
  },
}
