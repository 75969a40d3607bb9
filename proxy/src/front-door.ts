/** What happens to a request, in order: understand it, ask the gate, hand it on. */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { bearerOf } from '@quits/kit/bearer'
import type { Log } from '@quits/kit/log'
import { sendProblem } from '@quits/kit/problem'
import { rateLimitHeaders } from '@quits/kit/rate-limit-headers'
import { clientAddress } from './address.ts'
import type { Figures } from './figures.ts'
import type { Forward } from './forward.ts'
import { framingFault } from './framing.ts'
import type { Gate } from './gate.ts'
import type { Facts } from './headers.ts'
import { badRequest, internal, methodNotAllowed, notFound, tooManyRequests } from './problems.ts'
import { pathOf } from './request-target.ts'
import { feedPath, type RouteClass, routeOf } from './routes-table.ts'
import type { makeStatic } from './static.ts'
import { refuseUpgrade, type Upgrade } from './upgrade.ts'

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

export const makeFrontDoor = (options: {
  publicUrl: string
  trustedHops: number
  bodyBytesMax: number
  gate: Gate
  forward: Forward
  upgrade: Upgrade
  serveStatic: ReturnType<typeof makeStatic>
  log: Log
  figures: () => Figures
}) => {
  const { gate, forward, log } = options
  const { host: publicHost, protocol } = new URL(options.publicUrl)
  const proto = protocol === 'https:' ? 'https' : 'http'
  const strict = proto === 'https' ? 'max-age=31536000; includeSubDomains' : undefined

  const factsOf = (request: IncomingMessage): Facts => {
    const forwardedFor = request.headers['x-forwarded-for']
    const list = Array.isArray(forwardedFor) ? forwardedFor.join(',') : forwardedFor
    return {
      address: clientAddress(request.socket.remoteAddress, list, options.trustedHops),
      proto,
      publicHost,
      requestId: randomUUID(),
    }
  }

  const admit = async (request: IncomingMessage, address: string, routeClass: RouteClass) => {
    const token = bearerOf(request.headers.authorization) ?? ''
    const decision = await gate.admit({ token, address, routeClass })
    if (decision.degraded) options.figures().degraded(routeClass)
    return decision
  }

  /** Reads what is judged without the gate; a string or problem says why it stops here. */
  const understand = (request: IncomingMessage) => {
    const method = request.method ?? ''
    if (!methods.has(method)) return { problem: methodNotAllowed }
    const path = pathOf(request.url)
    if (path === undefined) return { problem: badRequest('The path is not one path.') }
    const { headers, rawHeaders } = request
    const problem = framingFault({ method, headers, rawHeaders }, options.bodyBytesMax)
    return problem === undefined ? { path, route: routeOf(method, path) } : { problem }
  }

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const facts = factsOf(request)
    response.setHeader('x-request-id', facts.requestId)
    if (strict !== undefined) response.setHeader('strict-transport-security', strict)
    const understood = understand(request)
    const routeClass = understood.route?.routeClass ?? 'refused'
    count(request, response, routeClass)
    if (understood.route === undefined) {
      response.setHeader('connection', 'close')
      return sendProblem(response, understood.problem)
    }
    const { path, route } = understood
    const decision = await admit(request, facts.address, route.routeClass)
    // Whoever left while the gate was asked gets no exchange.
    if (response.destroyed) return undefined
    for (const [name, value] of Object.entries(rateLimitHeaders(decision))) {
      response.setHeader(name, value)
    }
    if (!decision.allowed) return sendProblem(response, tooManyRequests(decision))
    const { target } = route
    if (target === 'web') return options.serveStatic(request, response, path)
    return forward.send(request, response, { ...route, target }, facts)
  }

  const count = (
    request: IncomingMessage,
    response: ServerResponse,
    routeClass: RouteClass | 'refused',
  ) => {
    response.on('close', () => {
      const status = response.writableFinished ? response.statusCode : 499
      options.figures().answered(routeClass, status)
      log.debug({ method: request.method, routeClass, status }, 'answered')
    })
  }

  const handleUpgrade = async (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const path = pathOf(request.url)
    const framing = framingFault(
      { method: request.method ?? '', headers: request.headers, rawHeaders: request.rawHeaders },
      0,
    )
    if (framing !== undefined) return refuseUpgrade(socket, framing)
    if (request.method !== 'GET') {
      return refuseUpgrade(socket, badRequest('A WebSocket is opened by GET.'))
    }
    if (path !== feedPath) return refuseUpgrade(socket, notFound)
    const facts = factsOf(request)
    const decision = await admit(request, facts.address, 'feed')
    if (socket.destroyed) return undefined
    if (!decision.allowed) {
      return refuseUpgrade(socket, tooManyRequests(decision), rateLimitHeaders(decision))
    }
    return options.upgrade.send(request, socket, head, facts)
  }

  return {
    /** For node's `request` event. */
    onRequest(request: IncomingMessage, response: ServerResponse): void {
      handle(request, response).catch((error: unknown) => {
        log.error({ err: error }, 'request failed')
        if (response.headersSent) response.destroy()
        else sendProblem(response, internal)
      })
    },
    /** For node's `upgrade` event, which the HTTP part keeps for WebSockets. */
    onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
      // Without a listener the reset of a client would end the process.
      socket.on('error', () => socket.destroy())
      handleUpgrade(request, socket, head).catch((error: unknown) => {
        log.error({ err: error }, 'upgrade failed')
        socket.destroy()
      })
    },
  }
}
