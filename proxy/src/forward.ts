/**
 * Hands a request to a service over a kept connection and its answer back, once: nothing is ever
 * repeated here, because a POST that got no answer may have been carried out.
 *
 * http-proxy 1.18.1 is wrapped with care: it leaves upstream answers open when clients leave, and
 * clients waiting when an upstream dies in the middle of an answer. Both are closed here.
 */
import type { Agent, ClientRequest, IncomingMessage, ServerResponse } from 'node:http'
import { atMostEvery } from '@quits/kit/at-most-every'
import type { Log } from '@quits/kit/log'
import { type Problem, sendProblem } from '@quits/kit/problem'
import httpProxy from 'http-proxy'
import type { Figures, UpstreamFault } from './figures.ts'
import { clientHeaders, type Facts, upstreamHeaders } from './headers.ts'
import { bodyTooLarge, overloaded, upstreamTimeout, upstreamUnavailable } from './problems.ts'
import type { Route, Target } from './routes-table.ts'
import type { Place, Spread } from './spread.ts'

const logMsMin = 1_000

/** Sockets and room for one kind of exchange. */
export interface Lane {
  agent: Agent
  isFull: (inFlight: number) => boolean
}

/** Where a request goes that goes on. */
type Onward = Omit<Route, 'target'> & { target: Exclude<Target, 'web'> }

/** One request on its way through. */
interface Exchange {
  target: Target
  /** Of the notifier that was chosen. */
  place: Place | undefined
  outgoing: ClientRequest | undefined
  timedOut: boolean
  /** The answer that is decided already, when it is we who ended the exchange. */
  refusal: Problem | undefined
}

/**
 * An exchange stays with its request. In a WeakMap it would live until the next full collection, and
 * everything that it leads to with it: then each worker needed one every few seconds.
 */
const exchangeKey = Symbol('exchange')
type ForwardedRequest = IncomingMessage & { [exchangeKey]?: Exchange }

export type Forward = ReturnType<typeof makeForward>

export const makeForward = (options: {
  expensesUrl: string
  notifiers: Spread
  /** Answers that last have a lane of their own: in one with the others they would fill it. */
  lanes: { brief: Lane; lasting: Lane }
  timeoutMs: number
  bodyBytesMax: number
  log: Log
  figures: () => Figures
}) => {
  // While a service is down every request would say the same; the counter has them all.
  const tell = atMostEvery(logMsMin, (fields: { target: Target; fault: UpstreamFault }) => {
    options.log.warn(fields, 'a service did not answer')
  })
  const inFlight = { brief: 0, lasting: 0 }

  const proxy = httpProxy.createProxyServer({
    proxyTimeout: options.timeoutMs,
    // The path goes on as it came; it was judged before.
    toProxy: true,
    prependPath: false,
  })

  // Fires once the outgoing request has its socket, which may be after the client has left.
  proxy.on('proxyReq', (outgoing, request: ForwardedRequest, response) => {
    const exchange = request[exchangeKey]
    if (exchange === undefined) return
    exchange.outgoing = outgoing
    outgoing.on('timeout', () => {
      exchange.timedOut = true
    })
    if (response.destroyed || exchange.refusal !== undefined) outgoing.destroy()
    else response.on('close', () => leave(response, outgoing))
  })

  proxy.on('proxyRes', (answer, request, response) => {
    answer.headers = clientHeaders(answer.headers) as IncomingMessage['headers']
    // http-proxy would promise to keep a connection that the client wants closed.
    if (!response.shouldKeepAlive || !request.complete) answer.headers.connection = 'close'
    response.on('close', () => {
      if (!answer.complete) answer.destroy()
    })
    answer.on('close', () => {
      if (answer.complete || response.destroyed) return
      fail(request, 'cut')
      response.destroy()
    })
  })

  const fail = (request: ForwardedRequest, fault: UpstreamFault) => {
    const { target = 'web', place } = request[exchangeKey] ?? {}
    if (fault === 'unreachable') place?.failed()
    options.figures().upstreamFailed(target, fault)
    tell({ target, fault })
  }

  /** The one place where an exchange without an answer ends. */
  const refuse = (request: IncomingMessage, response: ServerResponse, exchange: Exchange) => {
    if (response.destroyed) return
    if (exchange.refusal === undefined) fail(request, exchange.timedOut ? 'timeout' : 'unreachable')
    if (response.headersSent) {
      response.destroy()
      return
    }
    // What is still coming of the body is not waited for.
    if (!request.complete) response.setHeader('connection', 'close')
    const problem = exchange.timedOut ? upstreamTimeout : upstreamUnavailable
    sendProblem(response, exchange.refusal ?? problem)
  }

  /** Cuts a body that grows above the bound; a stated length was judged before. */
  const bound = (request: IncomingMessage, exchange: Exchange) => {
    let bytes = 0
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes <= options.bodyBytesMax || exchange.refusal !== undefined) return
      exchange.refusal = bodyTooLarge
      exchange.outgoing?.destroy(new Error('the body grew too large'))
    })
  }

  return {
    /** Answers `response` in any case; a client that leaves ends the exchange. */
    send(
      request: ForwardedRequest,
      response: ServerResponse,
      { target, lasts }: Onward,
      facts: Facts,
    ): void {
      const lane = lasts === true ? 'lasting' : 'brief'
      const { agent, isFull } = options.lanes[lane]
      if (isFull(inFlight[lane])) return sendProblem(response, overloaded)
      inFlight[lane] += 1
      const place = target === 'notifier' ? options.notifiers.take() : undefined
      response.once('close', () => {
        inFlight[lane] -= 1
        place?.leave()
      })
      const exchange = { target, place, outgoing: undefined, timedOut: false, refusal: undefined }
      request[exchangeKey] = exchange
      request.headers = upstreamHeaders(request.headers, facts)
      bound(request, exchange)
      proxy.web(request, response, { target: place?.url ?? options.expensesUrl, agent }, () => {
        refuse(request, response, exchange)
      })
    },
    inFlight: () => inFlight.brief + inFlight.lasting,
    lasting: () => inFlight.lasting,
  }
}

const leave = (response: ServerResponse, outgoing: ClientRequest) => {
  // After a complete answer the socket is back in the agent's hands and stays open.
  if (!response.writableFinished) outgoing.destroy()
}
