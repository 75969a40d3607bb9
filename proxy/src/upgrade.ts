/**
 * WebSockets: the gate first, then the upgrade is handed to a notifier, and from there on bytes flow
 * both ways until one side is gone; then the other is closed, too.
 *
 * This is the path of every live event to every device, so it is bare: the handshake is written and
 * read here, and what a notifier says is read into one buffer for all sockets and written on at
 * once. Through http-proxy and streams each frame would cost twice as much.
 */
import { once } from 'node:events'
import { type IncomingMessage, STATUS_CODES } from 'node:http'
import { connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { atMostEvery } from '@quits/kit/at-most-every'
import type { Log } from '@quits/kit/log'
import type { Problem } from '@quits/kit/problem'
import type { Part } from '@quits/kit/run'
import type { Figures } from './figures.ts'
import { type AnswerHead, answerHead, readAnswerHead, requestHead } from './handshake.ts'
import { clientHeaders, type Facts, upgradeHeaders } from './headers.ts'
import { overloaded, upstreamUnavailable } from './problems.ts'
import type { Place, Spread } from './spread.ts'
import { watchStall } from './stall.ts'

/** From our request to the notifier's 101. */
const handshakeMsMax = 10_000
/** An ended socket gets this long to take what is left before it is destroyed. */
const lingerMsMax = 2_000
/** A notifier that nobody can reach has seen nothing of the upgrade, so another may be asked. */
const attemptsMax = 3
const readBytes = 65_536
const logMsMin = 1_000

/** What was read, for whoever has to keep it: the buffer is filled again at once. */
type Hear = (bytes: Buffer) => void

/** One client on its way to a notifier. */
interface Passage {
  client: Duplex
  head: string
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
  // Sockets are read one after the other, and what is read is written on or copied before the next.
  const buffer = Buffer.allocUnsafeSlow(readBytes)
  const tell = atMostEvery(logMsMin, (error: unknown) => {
    options.log.warn({ err: error }, 'the notifier took no WebSocket')
  })

  const reach = (place: Place, hear: Hear): Socket => {
    const { hostname, port, protocol } = new URL(place.url)
    return connect({
      host: hostname.replace(/^\[|\]$/g, ''),
      port: Number(port || (protocol === 'https:' ? 443 : 80)),
      noDelay: true,
      keepAlive: true,
      onread: {
        buffer,
        callback(size) {
          hear(Buffer.from(buffer.subarray(0, size)))
          return true
        },
      },
    })
  }

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
    let hear: Hear = (bytes) => {
      answer = Buffer.concat([answer, bytes])
      const head = readAnswerHead(answer)
      if (head === undefined) return
      clearTimeout(late)
      if (head === 'broken') upstream.destroy(new Error('the notifier speaks no HTTP'))
      else if (head.status === 101) {
        answered = true
        hear = flow(client, upstream, options.stallMs)
        if (passage.early.length > 0) upstream.write(passage.early)
        hear(answer)
      } else {
        answered = true
        hear = passRefusal(client, upstream, head)
        hear(answer.subarray(head.length))
      }
    }
    let connected = false
    let answered = false
    const upstream = reach(place, (bytes) => hear(bytes))
    const late = setTimeout(() => {
      upstream.destroy(new Error('no handshake in time'))
    }, handshakeMsMax)
    let failure = new Error('the notifier hung up')
    const leave = () => upstream.destroy()
    client.once('close', leave)
    upstream.on('connect', () => {
      connected = true
      upstream.write(passage.head)
    })
    upstream.on('error', (error) => {
      failure = error
    })
    upstream.on('close', () => {
      clearTimeout(late)
      client.off('close', leave)
      place.leave()
      if (answered) return void finish(client)
      if (connected) return refuse(client, failure)
      place.failed()
      if (client.destroyed) return undefined
      if (attempts < attemptsMax) return attempt(passage, attempts + 1)
      return refuse(client, failure)
    })
  }

  const part: Part = {
    name: 'upgrades',
    async run(signal) {
      if (!signal.aborted) await once(signal, 'abort')
      // The server's own drain does not know these sockets and would wait for them.
      await Promise.all([...open].map(finish))
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
      const head = requestHead(request.url ?? '/', upgradeHeaders(request.headers, facts))
      attempt({ client, head, early }, 1)
    },
  }
}

/** The open road, both ways; whoever takes its bytes slowly slows the other one down. */
const flow = (client: Duplex, upstream: Socket, stallMs: number): Hear => {
  const stall = watchStall(client, stallMs)
  client.on('data', (bytes: Buffer) => {
    if (!upstream.write(bytes)) client.pause()
  })
  client.on('end', () => upstream.end())
  client.on('drain', () => upstream.resume())
  upstream.on('drain', () => client.resume())
  return (bytes) => {
    if (client.write(bytes)) return
    upstream.pause()
    stall.waits()
  }
}

const wordsOf = (status: number) => `${status} ${STATUS_CODES[status] ?? 'Refused'}`

/** A refusal passes with as much of a body as it states; the connection ends with it. */
const passRefusal = (client: Duplex, upstream: Socket, head: AnswerHead): Hear => {
  const stated = head.headers['content-length'] ?? ''
  let left = /^\d{1,7}$/.test(stated) ? Number(stated) : 0
  const headers = { ...clientHeaders(head.headers), 'content-length': String(left) }
  client.write(answerHead(wordsOf(head.status), { ...headers, connection: 'close' }))
  return (bytes) => {
    const some = bytes.subarray(0, left)
    left -= some.length
    client.write(some)
    if (left === 0) upstream.destroy()
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
