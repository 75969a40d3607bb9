// N1: one message, and bursts of ten, to every socket of a crowd, through the whole of Quits and
// through nats-server. N3: what an idle connection costs in memory.
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { treeCpuUs, treeMemoryKb } from '../cpu.ts'
import { type Caller } from '../ledger/data.ts'
import { median, type Row, rowOf } from '../rows.ts'
import { type Crowd, startCrowd } from './crowd.ts'
import { bookIdOf, eventOf } from './events.ts'
import type { FeedBench, FeedPlan, FeedSection } from './section.ts'
import { type Nats, startNats } from './nats.ts'
import type { Stage } from './stage.ts'
import { connectFrame, fetchTickets } from './tickets.ts'

const burst = 10
/** For what new connections leave behind to be collected: V8 waits for some seconds of rest. */
const settleMs = 15_000
const waveLength = 2_000

interface Fan {
  perSecond: number
  /** Of every server process on the way, per message to one socket. */
  cpuUs: number
}

interface Line {
  crowd: Crowd
  /** Sends `count` messages to everybody. */
  send: (count: number) => Promise<void>
  pids: () => number[]
  kbPerSocket: number
  sent: number
}

export const fanOutSection: FeedSection = { ids: ['N1', 'N1b', 'N3'], long: false, measure: fanOut }

async function fanOut({ stage, plan, callers }: FeedBench) {
  const [reader] = callers
  if (reader === undefined) throw new Error('nobody reads')
  const ours = await openOurs(stage, plan, reader)
  const nats = await openNats(await startNats(stage.ground), plan)
  await measure(ours, plan, 1)
  await measure(nats, plan, 1)
  const rounds: Record<'single' | 'natsSingle' | 'burst' | 'natsBurst', Fan>[] = []
  for (let round = 1; round <= plan.rounds; round += 1) {
    plan.say(`fan-out, round ${round} of ${plan.rounds}`)
    rounds.push({
      single: await measure(ours, plan, 1),
      natsSingle: await measure(nats, plan, 1),
      burst: await measure(ours, plan, burst),
      natsBurst: await measure(nats, plan, burst),
    })
  }
  const faults = await Promise.all([faultsOf(ours, plan), faultsOf(nats, plan)])
  await Promise.all([ours.crowd.stop(), nats.crowd.stop()])
  const of = (pick: (round: (typeof rounds)[number]) => number) => rounds.map(pick)
  const rows: Row[] = [
    rowOf({
      id: 'N1',
      what: 'fan-out of single messages ÷ nats-server',
      goal: 1,
      better: 'higher',
      rounds: of(({ single, natsSingle }) => single.perSecond / natsSingle.perSecond),
    }),
    rowOf({
      id: 'N1b',
      what: `fan-out of bursts of ${burst} ÷ nats-server`,
      goal: 1.5,
      better: 'higher',
      rounds: of((round) => round.burst.perSecond / round.natsBurst.perSecond),
    }),
    rowOf({
      id: 'N3',
      what: 'memory per idle connection ÷ nats-server',
      goal: 0.5,
      better: 'lower',
      rounds: [ours.kbPerSocket / nats.kbPerSocket],
    }),
  ]
  const figures = {
    'single messages/s': median(of(({ single }) => single.perSecond)),
    'single messages/s of nats-server': median(of(({ natsSingle }) => natsSingle.perSecond)),
    'messages/s in bursts': median(of((round) => round.burst.perSecond)),
    'messages/s in bursts of nats-server': median(of(({ natsBurst }) => natsBurst.perSecond)),
    'CPU µs per single message, notifier and front door': median(of(({ single }) => single.cpuUs)),
    'CPU µs per single message, nats-server': median(of(({ natsSingle }) => natsSingle.cpuUs)),
    'CPU µs per message in bursts, notifier and front door': median(of((r) => r.burst.cpuUs)),
    'CPU µs per message in bursts, nats-server': median(of(({ natsBurst }) => natsBurst.cpuUs)),
    'KiB per idle connection, notifier': ours.kbPerSocket,
    'KiB per idle connection, front door': ours.doorKbPerSocket,
    'KiB per idle connection, nats-server': nats.kbPerSocket,
  }
  return { rows: rows.filter(({ id }) => plan.wants(id)), figures, faults: faults.flat() }
}

async function openOurs(stage: Stage, plan: FeedPlan, reader: Caller) {
  plan.say(`opening ${plan.sockets} feeds through the front door`)
  const { notifier, proxy } = stage.pids()
  const before = { notifier: treeMemoryKb(notifier), proxy: treeMemoryKb(proxy) }
  const crowd = await startCrowd()
  // In waves: a ticket is good for 30 s.
  for (let open = 0; open < plan.sockets; open += waveLength) {
    const length = Math.min(waveLength, plan.sockets - open)
    const tickets = await fetchTickets(stage.url, Array<string>(length).fill(reader.token))
    const guests = tickets.map((ticket) => ({ connect: connectFrame(ticket), last: 0 }))
    await crowd.open({ kind: 'feed', port: stage.port, guests })
  }
  await delay(settleMs)
  const kbPerSocket = (treeMemoryKb(notifier) - before.notifier) / plan.sockets
  const doorKbPerSocket = (treeMemoryKb(proxy) - before.proxy) / plan.sockets

  const producer = stage.kafka.makeProducer()
  await producer.connect()
  const bookId = bookIdOf('fan-out')
  // Nobody who has a feed elsewhere in this run.
  const actor = randomUUID()
  const line: Line & { doorKbPerSocket: number } = {
    crowd,
    kbPerSocket,
    doorKbPerSocket,
    sent: 0,
    pids: () => [notifier, proxy],
    async send(count) {
      const events = Array.from({ length: count }, () => {
        line.sent += 1
        return eventOf(bookId, line.sent, [reader.id, actor])
      })
      const records = events.map((event) => ({ key: bookId, value: JSON.stringify(event) }))
      await producer.send(stage.books, records)
    },
  }
  return line
}

async function openNats(nats: Nats, plan: FeedPlan): Promise<Line> {
  plan.say(`opening ${plan.sockets} sockets of nats-server`)
  const before = treeMemoryKb(nats.pid)
  const crowd = await startCrowd()
  const guests = Array.from({ length: plan.sockets }, () => ({ last: 0 }))
  await crowd.open({ kind: 'nats', port: nats.port, guests })
  await delay(settleMs)
  const bookId = bookIdOf('nats')
  const line: Line = {
    crowd,
    kbPerSocket: (treeMemoryKb(nats.pid) - before) / plan.sockets,
    sent: 0,
    pids: () => [nats.pid],
    async send(count) {
      await nats.publish(
        Array.from({ length: count }, () => {
          line.sent += 1
          return frameLike(bookId, line.sent)
        }),
      )
    },
  }
  return line
}

/** As long as our frame of the same event. */
function frameLike(bookId: string, seq: number): string {
  const { id, time, data } = eventOf(bookId, seq, [bookId, bookId])
  const { seq: place, kind, status, amount, balance, occurredOn } = data
  return JSON.stringify({
    type: 'event',
    seq,
    id,
    kind: 'transaction.posted',
    weight: 'alert',
    at: time,
    actor: data.actorId,
    subject: { type: 'debt', id: bookId },
    data: { seq: place, kind, status, amount, balance, occurredOn, role: 'lender' },
    status: 'unseen',
  })
}

/** Sends again and again until the time is over; what counts is from a first frame to a last. */
async function measure(line: Line, plan: FeedPlan, count: number): Promise<Fan> {
  const before = cpuOf(line.pids())
  const until = Date.now() + plan.seconds * 500
  let messages = 0
  let ms = 0
  do {
    const got = await line.crowd.receive(count, () => line.send(count))
    messages += got.messages
    ms += got.ms
  } while (Date.now() < until)
  return { perSecond: (messages / ms) * 1_000, cpuUs: (cpuOf(line.pids()) - before) / messages }
}

const cpuOf = (pids: number[]) => pids.reduce((sum, pid) => sum + treeCpuUs(pid), 0)

/** Every socket got every message, once and in order. */
async function faultsOf({ crowd, sent }: Line, plan: FeedPlan): Promise<string[]> {
  const { messages, faults, open } = await crowd.take()
  const wanted = sent * plan.sockets
  return [
    ...(messages === wanted ? [] : [`${messages} messages came, ${wanted} were due`]),
    ...(faults === 0 ? [] : [`${faults} messages did not follow the one before them`]),
    ...(open === plan.sockets ? [] : [`${open} sockets are open, not ${plan.sockets}`]),
  ]
}
