/** An HTTP server as a part: listens, and drains when told to stop. */
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import type { Part } from './run.ts'

/** Requests in flight get this long to finish after the stop. */
const drainMsMax = 10_000
/** Longer than the front door's agent keeps its sockets, so that it never meets a closed one. */
const keepAliveMs = 65_000

export type HttpPart = Part & {
  server: Server
  /** Resolves with the port once the server listens. */
  listening: Promise<number>
}

/**
 * Serves `handler`, and `onUpgrade` for upgrades to one of `protocols`; whoever offers another one
 * (some offer h2c with every request) is answered in this one. Requests above the header limits die
 * in node.
 */
export const makeHttpPart = (options: {
  name: string
  host: string
  port: number
  /** Several processes listen on this port, and the system deals connections out among them. */
  reusePort?: boolean
  handler: RequestListener
  protocols?: string[]
  onUpgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
}): HttpPart => {
  const { protocols = ['websocket'] } = options
  const isKnown = ({ headers }: IncomingMessage) =>
    protocols.includes(headers.upgrade?.toLowerCase() ?? '')
  const server = createServer(
    {
      keepAliveTimeout: keepAliveMs,
      headersTimeout: 15_000,
      requestTimeout: 30_000,
      ...(options.onUpgrade === undefined ? {} : { shouldUpgradeCallback: isKnown }),
    },
    options.handler,
  )
  if (options.onUpgrade !== undefined) server.on('upgrade', options.onUpgrade)
  const listening = Promise.withResolvers<number>()
  listening.promise.catch(() => undefined)

  return {
    name: options.name,
    server,
    listening: listening.promise,
    async run(signal) {
      const failed = Promise.withResolvers<never>()
      server.once('error', (error) => {
        listening.reject(error)
        failed.reject(error)
      })
      const { port, host, reusePort = false } = options
      server.listen({ port, host, reusePort }, () => {
        listening.resolve((server.address() as AddressInfo).port)
      })
      await Promise.race([heard(signal), failed.promise])
      await drain(server)
    },
  }
}

const heard = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })

const drain = async (server: Server) => {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  const giveUp = new AbortController()
  await Promise.race([
    closed,
    delay(drainMsMax, undefined, { signal: giveUp.signal }).catch(() => undefined),
  ])
  giveUp.abort()
  server.closeAllConnections()
  await closed
}
