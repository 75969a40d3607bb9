/**
 * WebSockets: the gate first, then the upgrade is handed to a notifier, and from there on bytes flow
 * both ways until one side is gone; then the other is closed, too.
 *
 * This is the path of every live event to every device, so it is bare: the sockets of one notifier
 * share a trunk, on which an event comes once for all devices of a person and is written to each of
 * them here. With a connection to the notifier for each socket an event would pass two of them.
 */
import { once } from 'node:events'
import { type IncomingMessage, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { atMostEvery } from '@quits/kit/at-most-every'
import type { Log } from '@quits/kit/log'
import type { Problem } from '@quits/kit/problem'
import type { Part } from '@quits/kit/run'
import { type LineRequest, makeNearTrunks, type NearLine } from '@quits/kit/trunk-near'
import type { Figures } from './figures.ts'
import { type AnswerHead, answerHead, readAnswerHead } from './handshake.ts'
import { clientHeaders, type Facts, upgradeHeaders } from './headers.ts'
import { overloaded, upstreamUnavailable } from './problems.ts'
import type { Spread } from './spread.ts'
import { watchStall } from './stall.ts'

/** From our request to the notifier's 101. */
const handshakeMsMax = 10_000
/** An ended socket gets this long to take what is left before it is destroyed. */
const lingerMsMax = 2_000
/** A notifier that nobody can reach has seen nothing of the upgrade, so another may be asked. */
const attemptsMax = 3
const logMsMin = 1_000

/** Takes what the notifier says; false when the client can't take more for now. */
type Hear = (bytes: Buffer) => boolean

/** One client on its way to a notifier. */
interface Passage {
  client: Duplex
  request: LineRequest
  early: Buffer
}

export type Upgrade = ReturnType<typeof makeUpgrade>

export const makeUpgrade = (options: {
  notifiers: Spread
  isFull: (open: number) => boolean
  /** A client that takes nothing for so long is let go. */
  stallMs: number
  log: Log
  figures: () => Figures
}) => {
  const open = new Set<Duplex>()
  const trunks = makeNearTrunks({ log: options.log })
  const tell = atMostEvery(logMsMin, (error: unknown) => {
    options.log.warn({ err: error }, 'the notifier took no WebSocket')
  })

  const refuse = (client: Duplex, error: Error) => {
    if (client.destroyed) return
    tell(error)
    options.figures().upstreamFailed('notifier', 'unreachable')
    refuseUpgrade(client, upstreamUnavailable)
  }

  /** One attempt; the place is left when the client or this attempt is over. */
  const attempt = (passage: Passage, attempts: number) => {
    const { client } = passage
    const place = options.notifiers.take()
    let answer = Buffer.alloc(0)
    let answered = false
    let hear: Hear = (bytes) => {
      answer = Buffer.concat([answer, bytes])
      const head = readAnswerHead(answer)
      if (head === undefined) return true
      clearTimeout(late)
      if (head === 'broken') {
        line.destroy(new Error('the notifier speaks no HTTP'))
        return true
      }
      answered = true
      if (head.status !== 101) {
        hear = passRefusal(client, line, head)
        return hear(answer.subarray(head.length))
      }
      hear = flow(client, line, options.stallMs)
      if (passage.early.length > 0) line.write(passage.early)
      const whole = answer
      answer = noBytes
      return hear(whole)
    }
    const line = trunks.open(place.url, passage.request, {
      hear: (bytes) => hear(bytes),
      ready: () => client.resume(),
      closed(reached, error) {
        clearTimeout(late)
        client.off('close', leave)
        place.leave()
        if (answered) return void finish(client)
        const failure = error ?? new Error('the notifier hung up')
        if (reached) return refuse(client, failure)
        place.failed()
        if (client.destroyed) return undefined
        if (attempts < attemptsMax) return attempt(passage, attempts + 1)
        return refuse(client, failure)
      },
    })
    const leave = () => line.destroy()
    const late = setTimeout(() => {
      line.destroy(new Error('no handshake in time'))
    }, handshakeMsMax)
    client.once('close', leave)
  }

  const part: Part = {
    name: 'upgrades',
    async run(signal) {
      if (!signal.aborted) await once(signal, 'abort')
      // The server's own drain does not know these sockets and would wait for them.
      await Promise.all([...open].map(finish))
      trunks.stop()
    },
  }

  return {
    part,
    open: () => open.size,
    /** Takes the socket over; it is closed in any case. */
    send(request: IncomingMessage, client: Duplex, early: Buffer, facts: Facts): void {
      if (options.isFull(open.size)) return refuseUpgrade(client, overloaded)
      open.add(client)
      client.once('close', () => open.delete(client))
      const { socket } = request
      socket.setTimeout(0).setNoDelay(true).setKeepAlive(true)
      const headers = upgradeHeaders(request.headers, facts)
      attempt({ client, request: { url: request.url ?? '/', headers }, early }, 1)
    },
  }
}

const noBytes = Buffer.alloc(0)

/** The open road, both ways; whoever takes its bytes slowly slows the other one down. */
const flow = (client: Duplex, line: NearLine, stallMs: number): Hear => {
  const stall = watchStall(client, stallMs)
  client.on('data', (bytes: Buffer) => {
    if (!line.write(bytes)) client.pause()
  })
  client.on('end', () => line.end())
  client.on('drain', () => line.drained())
  return (bytes) => {
    const isTaken = client.write(bytes)
    if (!isTaken) stall.waits()
    return isTaken
  }
}

const wordsOf = (status: number) => `${status} ${STATUS_CODES[status] ?? 'Refused'}`

/** A refusal passes with as much of a body as it states; the connection ends with it. */
const passRefusal = (client: Duplex, line: NearLine, head: AnswerHead): Hear => {
  const stated = head.headers['content-length'] ?? ''
  let left = /^\d{1,7}$/.test(stated) ? Number(stated) : 0
  const headers = { ...clientHeaders(head.headers), 'content-length': String(left) }
  client.write(answerHead(wordsOf(head.status), { ...headers, connection: 'close' }))
  return (bytes) => {
    const some = bytes.subarray(0, left)
    left -= some.length
    client.write(some)
    if (left === 0) line.destroy()
    return true
  }
}

/** Ends the socket, lets it take what is left, and destroys it. Resolves when it is closed. */
const finish = (socket: Duplex): Promise<void> =>
  new Promise((resolve) => {
    if (socket.destroyed) return resolve()
    const late = setTimeout(() => socket.destroy(), lingerMsMax)
    socket.once('close', () => {
      clearTimeout(late)
      resolve()
    })
    socket.end(() => socket.destroy())
  })

/** An HTTP refusal written by hand: an upgrade has no response object. */
export const refuseUpgrade = (
  socket: Duplex,
  problem: Problem,
  headers: Record<string, string> = {},
): void => {
  const { retryAfterSeconds, members, ...shown } = problem
  const body = JSON.stringify({ type: `/problems/${problem.code}`, ...shown, ...members })
  const head = answerHead(wordsOf(problem.status), {
    ...headers,
    ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }),
    'content-type': 'application/problem+json',
    'content-length': String(Buffer.byteLength(body)),
    'cache-control': 'no-store',
    connection: 'close',
  })
  socket.write(`${head}${body}`)
  void finish(socket)
}
