// G23: who has no right to a feed any more, or never had one, is out within five seconds.
import { closeCodes } from '@quits/proto/feed'
import type { UserEvent } from '@quits/proto/users'
import { randomUUID } from 'node:crypto'
import { makePerson, type Person, startNotifier } from '../../../notifier-service/test/bench.ts'
import { type FeedClient, openClient } from '../../../notifier-service/test/feed-client.ts'
import { comesTrue } from '../feed/checks.ts'
import type { FeedWorld } from '../feed/world.ts'
import type { Scenario } from '../scenario.ts'

const outMsMax = 5_000
const lifeMs = 900_000
const atOnce = 10

/** How a right ends; `expiry` needs no word. A changed password revokes the other sessions. */
const ends = ['logout', 'password change', 'deletion', 'expiry'] as const
type End = (typeof ends)[number]

export const closedDoors: Scenario<FeedWorld> = {
  id: 'G23',
  what: 'logout, expiry, password change and deletion close sockets within 5 s; bad origins and replayed tickets are refused',
  needs: 'any',
  async play(world, run) {
    const each = run.short ? 5 : 50
    const faults: string[] = []
    let slowestMs = 0
    for (const end of ends) {
      const out = await endAll(world, end, each, world.notifier.people)
      slowestMs = Math.max(slowestMs, out.slowestMs)
      faults.push(...out.faults)
    }
    faults.push(...(await badOrigins(world, each)), ...(await replayedTickets(world, each)))
    return {
      figures: { sockets: ends.length * each, refused: 2 * each, slowestMs },
      faults: faults.slice(0, 20),
      struck: ends.length * each,
      twinCaught: (await faultsOfDeaf(world)).length > 0,
    }
  },
}

type People = FeedWorld['notifier']['people']

async function endAll({ bench }: FeedWorld, end: End, count: number, people: People) {
  const { state } = bench.identity
  state.lifeMs = end === 'expiry' ? outMsMax : lifeMs
  const persons = Array.from({ length: count }, () => makePerson())
  const clients: FeedClient[] = []
  for (let from = 0; from < count; from += atOnce) {
    const some = persons.slice(from, from + atOnce).map((person) => people.connect(person))
    clients.push(...(await Promise.all(some)))
  }
  state.lifeMs = lifeMs
  await Promise.all(clients.map((client) => client.frame('welcome')))
  const startedAt = Date.now()
  const words = persons.flatMap((person) => wordsOf(end, person))
  if (words.length > 0) await bench.send(bench.topics.users, words)
  const isClosed = ({ socket }: FeedClient) => socket.readyState === socket.CLOSED
  // A token that was made to live five seconds has that long, and then the bound.
  await comesTrue(() => clients.every(isClosed), end === 'expiry' ? 2 * outMsMax : outMsMax)
  const slowestMs = Date.now() - startedAt
  const code = end === 'expiry' ? closeCodes.expired : closeCodes.unauthenticated
  const faults: string[] = []
  for (const client of clients) {
    if (!isClosed(client)) faults.push(`${end}: a socket is still open after ${slowestMs} ms`)
    else if ((await client.closed()) !== code)
      faults.push(`${end}: closed as if for another reason`)
    client.socket.terminate()
  }
  return { faults, slowestMs }
}

function wordsOf(end: End, { userId, sessionId }: Person): UserEvent[] {
  const envelope = {
    specversion: '1.0' as const,
    id: `${userId}:${randomUUID()}`,
    source: '/expenses',
    time: new Date().toISOString(),
    datacontenttype: 'application/json' as const,
  }
  if (end === 'expiry') return []
  if (end === 'deletion') return [{ ...envelope, type: 'user.deleted.v1', data: { userId } }]
  return [{ ...envelope, type: 'session.revoked.v1', data: { userId, sessionId } }]
}

async function badOrigins({ notifier, bench }: FeedWorld, count: number): Promise<string[]> {
  const faults: string[] = []
  for (let index = 0; index < count; index += 1) {
    const origin = [`https://evil-${index}.test`, `${bench.origin}.evil.test`, 'null'][index % 3]
    const client = await notifier.people.connect(makePerson(), undefined, { origin: origin ?? '' })
    const code = await client.closed()
    if (code !== closeCodes.origin || client.frames.length > 0) faults.push(`${origin}: ${code}`)
  }
  return faults
}

async function replayedTickets({ notifier }: FeedWorld, count: number): Promise<string[]> {
  const faults: string[] = []
  const { people } = notifier
  for (let index = 0; index < count; index += 1) {
    const ticket = await people.ticket(makePerson())
    const first = await openClient(people.socketUrl)
    first.say({ type: 'connect', ticket, device: 'first' })
    await first.frame('welcome')
    const second = await openClient(people.socketUrl)
    second.say({ type: 'connect', ticket, device: 'second' })
    const code = await second.closed()
    if (code !== closeCodes.unauthenticated) faults.push(`a ticket opened twice: ${code}`)
    first.socket.terminate()
  }
  return faults
}

/** The broken twin: a notifier that listens where nobody speaks of sessions. */
async function faultsOfDeaf(world: FeedWorld): Promise<string[]> {
  const deaf = await startNotifier(world.bench, { BROKER_PREFIX: `${world.bench.prefix}-deaf` })
  try {
    return (await endAll(world, 'logout', 1, deaf)).faults
  } finally {
    await deaf.stop()
  }
}
