/**
 * The door of the feed: which upgrades become sockets. A browser from another site is refused by its
 * Origin, whatever cookie or ticket it brings; a program without an Origin is no browser.
 */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import type { Log } from '@quits/kit/log'
import { networkOf } from '@quits/kit/network'
import type { Part } from '@quits/kit/run'
import { closeCodes, feedProtocol } from '@quits/proto/feed'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Figures } from '../metrics.ts'
import type { Device } from './registry.ts'

const path = '/v1/feed'
/** Bytes of one message from a client; ws closes with 1009 above it. */
const messageBytesMax = 4_096
const closeMsMax = 2_000
/** Clients that lost their process come back spread over this time. */
const comeBackMsMax = 5_000

export const makeGate = (options: {
  origins: ReadonlySet<string>
  socketsMax: number
  socketsPerAddressMax: number
  makeDevice: (socket: WebSocket, raw: Duplex) => Device
  figures: Pick<Figures, 'closes'>
  log: Log
}) => {
  const sockets = new Map<WebSocket, Device | undefined>()
  const addresses = new Map<string, number>()
  let draining = false

  const server = new WebSocketServer({
    noServer: true,
    maxPayload: messageBytesMax,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has(feedProtocol) ? feedProtocol : false),
  })

  const hold = (socket: WebSocket, address: string) => {
    sockets.set(socket, undefined)
    addresses.set(address, (addresses.get(address) ?? 0) + 1)
    socket.once('close', () => {
      sockets.delete(socket)
      const left = (addresses.get(address) ?? 1) - 1
      if (left > 0) addresses.set(address, left)
      else addresses.delete(address)
    })
  }

  const refusal = (socket: WebSocket, request: IncomingMessage, address: string) => {
    const { origin } = request.headers
    if (origin !== undefined && !options.origins.has(origin)) return closeCodes.origin
    if (socket.protocol !== feedProtocol) return closeCodes.version
    const tooMany = (addresses.get(address) ?? 0) > options.socketsPerAddressMax
    return tooMany ? closeCodes.tooManySockets : undefined
  }

  const accept = (socket: WebSocket, raw: Duplex, request: IncomingMessage) => {
    const address = addressOf(request)
    hold(socket, address)
    const code = refusal(socket, request, address)
    if (code === undefined) {
      sockets.set(socket, options.makeDevice(socket, raw))
      return
    }
    options.figures.closes.inc({ code: String(code) })
    socket.on('error', () => undefined)
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
      raw.on('error', () => undefined)
      if (request.url?.split('?')[0] !== path) return refuse(raw, '404 Not Found')
      if (draining || sockets.size >= options.socketsMax) {
        return refuse(raw, '503 Service Unavailable')
      }
      server.handleUpgrade(request, raw, head, (socket) => accept(socket, raw, request))
    },
  }
}

const refuse = (raw: Duplex, status: string) => {
  raw.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\nRetry-After: 1\r\n\r\n`)
}

/** The client as the front door names it; the peer itself where there is none. */
const addressOf = (request: IncomingMessage): string => {
  const forwarded = request.headers['x-forwarded-for']
  const named = typeof forwarded === 'string' ? networkOf(forwarded.trim()) : undefined
  return named ?? networkOf(request.socket.remoteAddress ?? '') ?? 'unknown'
}
