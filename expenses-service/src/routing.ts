/**
 * Routes as data: one table entry says method, path, who may call, what goes in and what comes out.
 * The router is made from it and so is the OpenAPI document, so the two cannot differ.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { parse as parseQuery } from 'node:querystring'
import { pipeline } from 'node:stream/promises'
import { bearerOf } from '@quits/kit/bearer'
import type { Log } from '@quits/kit/log'
import { sendProblem } from '@quits/kit/problem'
import express, { type NextFunction, type Request, type Response } from 'express'
import type { z } from 'zod'
import { readJson } from './body.ts'
import type { Caller } from './caller.ts'
import { asLedgerError, ledgerError, problemOf } from './errors.ts'
import { limits } from './limits.ts'

export interface Call<B, Q> {
  params: Record<string, string>
  query: Q
  body: B
  caller: Caller
  /** The Idempotency-Key; empty where the route does not require one and none was sent. */
  key: string
  /** The caller's address as the front door wrote it, else the socket's. */
  address: string
  header(name: string): string | undefined
  cookie(name: string): string | undefined
}

export interface Answer {
  status: number
  body?: unknown
  /** In place of `body`: texts that follow one another, each read when the one before it was sent. */
  stream?: AsyncIterable<string>
  headers?: Record<string, string>
}

export interface Route {
  method: 'get' | 'post' | 'patch' | 'put' | 'delete'
  /** Express style: `/v1/debts/:id`. */
  path: string
  summary: string
  /**
   * `public`: anybody. `session`: the session row is read before the handler runs. `token`: only
   * the signature is checked here, because the use case reads the session row in its own load step.
   */
  access: 'public' | 'session' | 'token'
  key?: 'required'
  body?: z.ZodType
  query?: z.ZodType
  /** Status → shape of the answer; null for an answer without a body. */
  answers: Record<number, z.ZodType | null>
  /** Media type of the answers; JSON unless said otherwise. */
  produces?: string
  handle(call: Call<never, never>): Promise<Answer>
}

/** A table entry; the handler's `body` and `query` have the types of their schemas. */
export const route = <B = undefined, Q = undefined>(
  entry: Omit<Route, 'body' | 'query' | 'handle'> & {
    body?: z.ZodType<B>
    query?: z.ZodType<Q>
    handle(call: Call<B, Q>): Promise<Answer>
  },
): Route => entry

/** How a bearer token becomes a caller; both throw `unauthenticated`. */
export interface Authenticate {
  token(bearer: string | undefined): Promise<Caller>
  session(bearer: string | undefined): Promise<Caller>
}

interface Edge {
  authenticate: Authenticate
  log: Log
}

/**
 * The table as what a server calls, and 404 behind it. Express' router alone: an application around it
 * would change the prototype of every request and answer, which costs more than finding the route.
 */
export const makeRouter = (routes: Route[], edge: Edge): RequestListener => {
  // One path per thing: `/v1/debts/` is not the list, and `/V1/debts` is nothing.
  const router = express.Router({ strict: true, caseSensitive: true })
  for (const entry of routes) {
    router[entry.method](entry.path, async (request, response) => {
      try {
        await send(response, entry, await answer(entry, request, edge.authenticate))
      } catch (error) {
        refuse(error, request, response, edge.log)
      }
    })
  }
  router.use((request, response) => refuse(ledgerError('not_found'), request, response, edge.log))
  // What the router itself cannot read, such as a broken escape in a path, names nothing either. Four
  // parameters make it the handler of errors.
  router.use((_error: unknown, request: Request, response: Response, _next: NextFunction) =>
    refuse(ledgerError('not_found'), request, response, edge.log),
  )
  return (request, response) => router(request as Request, response as Response, () => undefined)
}

const visible = /^[\x21-\x7e]{1,255}$/

/** The Idempotency-Key of a request that must have one. */
export const checkKey = (sent: unknown): string => {
  if (sent === undefined) throw ledgerError('idempotency_key_missing')
  if (typeof sent !== 'string' || !visible.test(sent)) throw ledgerError('idempotency_key_invalid')
  return sent
}

const nobody: Caller = { userId: '', sessionId: '' }

const answer = async (entry: Route, request: Routed, authenticate: Authenticate) => {
  const bearer = bearerOf(request.headers.authorization)
  const caller = entry.access === 'public' ? nobody : await authenticate[entry.access](bearer)
  const sent = request.headers['idempotency-key']
  const key = sent === undefined && entry.key !== 'required' ? '' : checkKey(sent)
  const query = entry.query === undefined ? {} : parse(entry.query, queryOf(request))
  const body =
    entry.body === undefined
      ? undefined
      : parse(entry.body, await readJson(request, limits.bodyBytesMax))
  const call: Call<unknown, unknown> = {
    params: request.params as Record<string, string>,
    query,
    body,
    caller,
    key,
    address: addressOf(request),
    header: (name) => headerOf(request, name),
    cookie: (name) => cookieOf(request.headers.cookie, name),
  }
  return entry.handle(call as Call<never, never>)
}

/** A request as the router alone hands it on: nothing of an Express application is there. */
type Routed = Pick<Request, keyof IncomingMessage | 'params' | 'route'>

/** A name that comes several times is a list, which no schema of ours takes for one. */
const queryOf = ({ url = '' }: IncomingMessage): Record<string, unknown> => {
  const at = url.indexOf('?')
  return at < 0 ? {} : { ...parseQuery(url.slice(at + 1)) }
}

const headerOf = (request: IncomingMessage, name: string): string | undefined => {
  const value = request.headers[name]
  return Array.isArray(value) ? value[0] : value
}

const addressOf = (request: IncomingMessage): string =>
  headerOf(request, 'x-forwarded-for') ?? request.socket.remoteAddress ?? ''

const cookieOf = (header: string | undefined, name: string): string | undefined =>
  header
    ?.split('; ')
    .find((pair) => pair.startsWith(`${name}=`))
    ?.slice(name.length + 1)

/** Untrusted input becomes its type, or a problem that names each fault. */
export const parse = <T>(schema: z.ZodType<T>, input: unknown): T => {
  const result = schema.safeParse(input)
  if (result.success) return result.data
  const { issues } = result.error
  const faults = issues.map(({ path, message }) => ({ path: path.join('.'), message }))
  throw ledgerError(codeOf(issues[0]), { members: { faults } })
}

const codeOf = (issue: z.core.$ZodIssue | undefined) => {
  if (issue?.code === 'unrecognized_keys') return 'unknown_field'
  const field = issue?.path.at(-1)
  if (field === 'minor') return 'invalid_amount'
  if (field === 'currency') return 'unknown_currency'
  if (field === 'occurredOn' || field === 'dueOn') return 'invalid_date'
  return 'invalid_request'
}

const jsonType = 'application/json; charset=utf-8'

const send = async (response: ServerResponse, entry: Route, answered: Answer) => {
  const { status, body, stream } = answered
  const headers = { ...answered.headers, 'cache-control': 'no-store' }
  if (body === undefined && stream === undefined) return response.writeHead(status, headers).end()
  const typed = { ...headers, 'content-type': entry.produces ?? jsonType }
  if (stream === undefined) {
    const text = JSON.stringify(body)
    const sized = { ...typed, 'content-length': Buffer.byteLength(text) }
    return response.writeHead(status, sized).end(text)
  }
  response.writeHead(status, typed)
  // Waits for a slow reader, and stops reading when the reader leaves, which is no fault of ours.
  return pipeline(stream, response).catch((error: unknown) => {
    if (!hasLeft(error)) throw error
  })
}

const hasLeft = (error: unknown) =>
  error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE'

const refuse = (error: unknown, request: Routed, response: ServerResponse, log: Log) => {
  const refusal = asLedgerError(error)
  const problem = problemOf(refusal)
  if (problem.status >= 500) {
    log.error({ err: error, method: request.method, route: request.route?.path }, 'request failed')
  }
  if (response.headersSent) return response.destroy()
  if (!request.complete) response.setHeader('connection', 'close')
  return sendProblem(response, problem)
}
