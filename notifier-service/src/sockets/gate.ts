/**
 * The door of the feed: which upgrades become sockets. A browser from another site is refused by its
 * Origin, whatever cookie or ticket it brings; a program without an Origin is no browser.
 */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import type { Log } from '@quits/kit/log'
import type { Part } from '@quits/kit/run'
import { closeCodes, feedProtocol } from '@quits/proto/feed'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Figures } from '../metrics.ts'
import type { Device } from './registry.ts'
import { addressOf, type Seats } from './seats.ts'

const path = '/v1/feed'
/** Bytes of one message from a client; ws closes with 1009 above it. */
const messageBytesMax = 4_096
const closeMsMax = 2_000
/** Clients that lost their process come back spread over this time. */
const comeBackMsMax = 5_000

export const makeGate = (options: {
  origins: ReadonlySet<string>
  seats: Seats
  makeDevice: (socket: WebSocket, raw: Duplex) => Device
  figures: Pick<Figures, 'closes'>
  log: Log
}) => {
  const sockets = new Map<WebSocket, Device | undefined>()
  let draining = false

  const server = new WebSocketServer({
    noServer: true,
    maxPayload: messageBytesMax,
    perMessageDeflate: false,
    // Whoever is here is known to `sockets`.
    clientTracking: false,
    handleProtocols: (offered) => (offered.has(feedProtocol) ? feedProtocol : false),
  })

  /** True when the address has too many. */
  const hold = (socket: WebSocket, address: string): boolean => {
    const seat = options.seats.take(address)
    sockets.set(socket, undefined)
    socket.once('close', () => {
      sockets.delete(socket)
      seat.leave()
    })
    return seat.isCrowded
  }

  const refusal = (socket: WebSocket, request: IncomingMessage, isCrowded: boolean) => {
    const { origin } = request.headers
    if (origin !== undefined && !options.origins.has(origin)) return closeCodes.origin
    if (socket.protocol !== feedProtocol) return closeCodes.version
    return isCrowded ? closeCodes.tooManySockets : undefined
  }

  const accept = (socket: WebSocket, raw: Duplex, request: IncomingMessage) => {
    const isCrowded = hold(socket, addressOf(request))
    const code = refusal(socket, request, isCrowded)
    if (code === undefined) {
      sockets.set(socket, options.makeDevice(socket, raw))
      return
    }
    options.figures.closes.inc({ code: String(code) })
    socket.on('error', ignore)
    socket.close(code)
    const cut = setTimeout(() => socket.terminate(), closeMsMax)
    socket.once('close', () => clearTimeout(cut))
  }

  const part: Part = {
    name: 'sockets',
    async run(signal) {
      await new Promise<void>((resolve) => {
        if (signal.aborted) resolve()
        else signal.addEventListener('abort', () => resolve(), { once: true })
      })
      draining = true
      const closed = [...sockets.keys()].map(
        (socket) => new Promise<void>((resolve) => socket.once('close', () => resolve())),
      )
      for (const [socket, device] of sockets) {
        if (device === undefined) socket.close(closeCodes.drain)
        else device.bye(Math.round(Math.random() * comeBackMsMax))
      }
      const late = new AbortController()
      const waited = delay(closeMsMax, undefined, { signal: late.signal }).catch(() => undefined)
      await Promise.race([Promise.all(closed), waited])
      late.abort()
      for (const socket of sockets.keys()) socket.terminate()
    },
  }

  return {
    part,
    sockets: () => sockets.size,
    onUpgrade(request: IncomingMessage, raw: Duplex, head: Buffer): void {
      raw.on('error', ignore)
      if (request.url?.split('?')[0] !== path) return refuse(raw, '404 Not Found')
      if (draining || options.seats.isFull()) {
        return refuse(raw, '503 Service Unavailable')
      }
      server.handleUpgrade(request, raw, head, (socket) => accept(socket, raw, request))
    },
  }
}

// Made here: one made in `onUpgrade` would keep the whole request for as long as its socket.
const ignore = () => undefined

const refuse = (raw: Duplex, status: string) => {
  raw.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\nRetry-After: 1\r\n\r\n`)
}
