// G34: two notifiers are replaced one after the other while people read and events come.
import { randomUUID } from 'node:crypto'
import { clientOf, makePerson, type Person } from '../../../notifier-service/test/bench.ts'
import { makeEvents } from '../../../notifier-service/test/events.ts'
import { startBalancer } from '../feed/balancer.ts'
import { comesTrue, faultsOfDevice, faultsOfStore } from '../feed/checks.ts'
import { startDevice } from '../feed/device.ts'
import type { FeedWorld, Notifier } from '../feed/world.ts'
import type { Scenario } from '../scenario.ts'

const exitMsMax = 25_000
const wholeMsMax = 120_000
const eventsPerRestart = 50
const readers = 4
/** Long enough for whoever stands before it to hear that it is no longer ready. */
const drainMs = '1000'
const devices = 6

export const rollingRestarts: Scenario<FeedWorld> = {
  id: 'G34',
  what: '20 rolling SIGTERMs of two notifiers under load: no failed request, no lost notification, each gone within 25 s',
  needs: 'any',
  async play(world, run) {
    const restarts = run.short ? 4 : 20
    const both = [
      await world.startNotifier('rolling-1', { DRAIN_MS: drainMs }),
      await world.startNotifier('rolling-2', { DRAIN_MS: drainMs }),
    ]
    const balancer = await startBalancer(both)
    const people = clientOf(balancer.port)
    const pair = { lender: randomUUID(), borrower: randomUUID() }
    const bo = makePerson(pair.borrower)
    const random = () => run.random.whole(0, 999) / 1_000
    const crowd = Array.from({ length: devices }, (_, index) =>
      startDevice(() => people, bo, { name: `device-${index + 1}`, random }),
    )
    try {
      await comesTrue(() => crowd.every(({ isLive }) => isLive()), wholeMsMax)
      const events = makeEvents(pair, restarts * eventsPerRestart)
      const reading = startReaders(people, bo)
      let slowestExitMs = 0
      for (let round = 0; round < restarts; round += 1) {
        const from = round * eventsPerRestart
        const sending = world.send(events.slice(from, from + eventsPerRestart))
        slowestExitMs = Math.max(slowestExitMs, await replace(both[round % 2]))
        await sending
        await comesTrue(() => balancer.ready() === both.length, wholeMsMax)
      }
      const isWhole = () => crowd.every(({ applied }) => applied.length >= events.length)
      await comesTrue(isWhole, wholeMsMax)
      const { asked, failed } = await reading.stop()
      const faults = [
        ...failed.slice(0, 5),
        ...crowd.flatMap((device) => faultsOfDevice(device, events.length)),
        ...(await faultsOfStore(world, events)),
      ]
      if (slowestExitMs > exitMsMax) faults.push(`one left after ${slowestExitMs} ms`)
      const twinFailed = await withoutDraining(people, bo, both)
      return {
        figures: {
          restarts,
          events: events.length,
          devices,
          requests: asked,
          failed: failed.length,
          slowestExitMs,
          twinFailed,
        },
        faults: faults.slice(0, 20),
        struck: restarts,
        twinCaught: twinFailed > 0,
      }
    } finally {
      await Promise.all(crowd.map((device) => device.leave()))
      await balancer.close()
      for (const { process } of both) await process.stop()
    }
  },
}

/** People who look at their notifications all the time, on a new connection each. */
function startReaders(people: ReturnType<typeof clientOf>, person: Person) {
  const over = new AbortController()
  const failed: string[] = []
  let asked = 0
  const read = async () => {
    while (!over.signal.aborted) {
      asked += 1
      try {
        const answer = await fetch(`${people.base}/v1/notifications?limit=1`, {
          headers: { authorization: `Bearer ${person.token}`, connection: 'close' },
        })
        await answer.arrayBuffer()
        if (!answer.ok) failed.push(`a request was answered ${answer.status}`)
      } catch (error) {
        failed.push(`a request failed: ${error instanceof Error ? String(error.cause) : 'thrown'}`)
      }
    }
  }
  const running = Array.from({ length: readers }, read)
  return {
    asked: () => asked,
    async stop() {
      over.abort()
      await Promise.all(running)
      return { asked, failed }
    },
  }
}

/** SIGTERM, and how long it took to be gone; then a new one. */
async function replace(notifier: Notifier | undefined): Promise<number> {
  if (notifier === undefined) throw new Error('nobody to replace')
  const startedAt = Date.now()
  await notifier.process.kill('SIGTERM')
  const tookMs = Date.now() - startedAt
  await notifier.process.restart()
  return tookMs
}

/** The broken twin: notifiers that go at once, with whatever they were about to answer. */
async function withoutDraining(
  people: ReturnType<typeof clientOf>,
  person: Person,
  both: Notifier[],
): Promise<number> {
  const reading = startReaders(people, person)
  for (const notifier of both) {
    const before = reading.asked()
    await comesTrue(() => reading.asked() > before, wholeMsMax)
    await notifier.process.kill('SIGKILL')
    await comesTrue(() => reading.asked() > before + readers, wholeMsMax)
    await notifier.process.restart()
  }
  return (await reading.stop()).failed.length
}
