// G22: a device goes in every way there is, again and again, and always gets back in.
import { randomUUID } from 'node:crypto'
import { makePerson, type Person } from '../../../notifier-service/test/bench.ts'
import { makeEvents } from '../../../notifier-service/test/events.ts'
import { type FeedClient, openClient } from '../../../notifier-service/test/feed-client.ts'
import { comesTrue, faultsOfDevice } from '../feed/checks.ts'
import { startDevice } from '../feed/device.ts'
import type { FeedWorld } from '../feed/world.ts'
import type { Run, Scenario } from '../scenario.ts'

const backMsMax = 5_000
const wholeMsMax = 60_000
const steadyDevices = 5
/** More than a person may have sockets, so that a twin that leaves ghosts meets the bound. */
const twinRounds = 12

const manners = ['crash', 'plain GET', 'half-open', 'duplicate tab'] as const

export const neverLockedOut: Scenario<FeedWorld> = {
  id: 'G22',
  what: 'crash, plain GET, half-open, duplicate tab: back within 5 s each time; five devices get all',
  needs: 'any',
  async play(world, run) {
    const rounds = run.short ? 60 : 1_000
    const pair = { lender: randomUUID(), borrower: randomUUID() }
    const bo = makePerson(pair.borrower)
    const random = () => run.random.whole(0, 999) / 1_000
    const steady = Array.from({ length: steadyDevices }, (_, index) =>
      startDevice(() => world.notifier.people, bo, { name: `steady-${index + 1}`, random }),
    )
    try {
      await comesTrue(() => steady.every(({ isLive }) => isLive()), wholeMsMax)
      const sending = world.send(makeEvents(pair, rounds))
      const came = await comeAndGo(world, run, bo, rounds, () => 'phone')
      await sending
      await comesTrue(() => steady.every(({ applied }) => applied.length >= rounds), wholeMsMax)
      const faults = [...came.faults, ...steady.flatMap((one) => faultsOfDevice(one, rounds))]
      // The broken twin: a device that is somebody else each time cannot be told from many.
      const stranger = makePerson()
      const twin = await comeAndGo(world, run, stranger, twinRounds, () => randomUUID(), [
        'half-open',
      ])
      return {
        figures: { rounds, devices: steadyDevices, slowestMs: came.slowestMs },
        faults: faults.slice(0, 20),
        struck: came.gone,
        twinCaught: twin.faults.length > 0,
      }
    } finally {
      await Promise.all(steady.map((device) => device.leave()))
    }
  },
}

async function comeAndGo(
  world: FeedWorld,
  run: Run,
  person: Person,
  rounds: number,
  nameOf: () => string,
  ways: readonly [Manner, ...Manner[]] = manners,
) {
  const faults: string[] = []
  const left: FeedClient[] = []
  let slowestMs = 0
  let gone = 0
  for (let round = 1; round <= rounds; round += 1) {
    const startedAt = Date.now()
    const client = await getIn(world, person, nameOf(), startedAt + backMsMax)
    slowestMs = Math.max(slowestMs, Date.now() - startedAt)
    if (client === undefined) {
      faults.push(`round ${round}: not back in ${backMsMax} ms`)
      break
    }
    left.push(client)
    await go(world, run.random.pick(ways), client)
    gone += 1
  }
  for (const { socket } of left) socket.terminate()
  return { faults, slowestMs, gone }
}

type Manner = (typeof manners)[number]

/** Tries again and again, as a device does; undefined when it was not welcome in time. */
async function getIn(world: FeedWorld, person: Person, device: string, endMs: number) {
  const { people } = world.notifier
  while (Date.now() < endMs) {
    const client = await openClient(people.socketUrl)
    client.say({ type: 'connect', ticket: await people.ticket(person), device })
    const isWelcome = () => client.of('welcome').length > 0
    const isOver = () => isWelcome() || client.socket.readyState >= client.socket.CLOSING
    await comesTrue(isOver, Math.max(0, endMs - Date.now()))
    if (isWelcome()) return client
    client.socket.terminate()
  }
  return undefined
}

async function go(world: FeedWorld, manner: Manner, client: FeedClient): Promise<void> {
  // Neither end says a word: what a phone does in a tunnel.
  if (manner === 'half-open') client.socket.pause()
  if (manner === 'crash') client.socket.terminate()
  if (manner === 'plain GET') {
    const answer = await fetch(`${world.notifier.people.base}/v1/feed`)
    if (answer.status !== 426) throw new Error(`a plain GET was answered ${answer.status}`)
    await answer.arrayBuffer()
    client.socket.terminate()
  }
  // `duplicate tab`: the first one stays and answers pings.
}
