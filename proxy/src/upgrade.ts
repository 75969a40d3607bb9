/**
 * WebSockets: the gate first, then the upgrade is handed to the notifier, and from there on bytes
 * flow both ways until one side is gone. When one socket ends or fails the other is destroyed:
 * http-proxy alone leaves it open.
 */
import { once } from 'node:events'
import { type Agent, type IncomingMessage, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Log } from '@quits/kit/log'
import type { Problem } from '@quits/kit/problem'
import type { Part } from '@quits/kit/run'
import httpProxy from 'http-proxy'
import type { Figures } from './figures.ts'
import { clientHeaders, type Facts, upgradeHeaders } from './headers.ts'
import { overloaded, upstreamUnavailable } from './problems.ts'
import type { Spread } from './spread.ts'

/** From our request to the notifier's 101. */
const handshakeMsMax = 10_000
/** An ended socket gets this long to take what is left before it is destroyed. */
const lingerMsMax = 2_000

export type Upgrade = ReturnType<typeof makeUpgrade>

export const makeUpgrade = (options: {
  notifiers: Spread
  agent: Agent
  isFull: (open: number) => boolean
  log: Log
  figures: () => Figures
}) => {
  const open = new Set<Duplex>()
  const proxy = httpProxy.createProxyServer({
    agent: options.agent,
    toProxy: true,
    prependPath: false,
  })

  // Our listeners on the outgoing request come before those of http-proxy.
  proxy.on('proxyReqWs', (outgoing, _request, socket) => {
    outgoing.setTimeout(handshakeMsMax, () => outgoing.destroy(new Error('no handshake in time')))
    socket.on('close', () => outgoing.destroy())
    outgoing.on('upgrade', (_answer, upstream: Duplex) => tie(socket, upstream))
    outgoing.on('response', (refusal: IncomingMessage) => {
      // It is written to the client as raw bytes: without a length only the end of the connection
      // ends it, and the chunks of the upstream are gone.
      refusal.headers = {
        ...clientHeaders(refusal.headers),
        connection: 'close',
      } as typeof refusal.headers
      refusal.on('close', () => void finish(socket))
      // The other side has taken this connection out of its HTTP; the agent must not use it again.
      const { socket: upstream } = refusal
      refusal.on('end', () => upstream.destroy())
    })
  })

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
    send(request: IncomingMessage, socket: Duplex, head: Buffer, facts: Facts): void {
      if (options.isFull(open.size)) return refuseUpgrade(socket, overloaded)
      const place = options.notifiers.take()
      open.add(socket)
      socket.once('close', () => {
        open.delete(socket)
        place.leave()
      })
      request.headers = upgradeHeaders(request.headers, facts)
      proxy.ws(request, socket, head, { target: place.url }, (error) => {
        place.failed()
        if (socket.destroyed) return
        options.log.warn({ err: error }, 'the notifier took no WebSocket')
        options.figures().upstreamFailed('notifier', 'unreachable')
        refuseUpgrade(socket, upstreamUnavailable)
      })
    },
  }
}

/** From now on one socket does not outlive the other. */
const tie = (socket: Duplex, upstream: Duplex) => {
  upstream.on('error', () => upstream.destroy())
  upstream.on('close', () => void finish(socket))
  socket.on('error', () => upstream.destroy())
  socket.on('close', () => upstream.destroy())
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
  const lines = Object.entries({
    ...headers,
    ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }),
    'content-type': 'application/problem+json',
    'content-length': String(Buffer.byteLength(body)),
    'cache-control': 'no-store',
    connection: 'close',
  }).map(([name, value]) => `${name}: ${value}\r\n`)
  const start = `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? 'Refused'}\r\n`
  socket.write(`${start}${lines.join('')}\r\n${body}`)
  void finish(socket)
}
