/**
 * The HTTP edge, for callers that speak no gRPC: `POST /v1/check` with a JSON body, and
 * `GET /v1/check` for the sub-requests of nginx, Caddy and Traefik, which pass headers on. It
 * trusts its callers, so it belongs on an internal port.
 */
/* oxlint-disable oxc/no-async-endpoint-handlers -- Express 5 hands a rejection to the error handler */
import { bearerOf } from '@quits/kit/bearer'
import type { Log } from '@quits/kit/log'
import { networkOf } from '@quits/kit/network'
import { type Problem, sendProblem } from '@quits/kit/problem'
import { rateLimitHeaders, retryAfterSeconds } from '@quits/kit/rate-limit-headers'
import type { RateCheck, RateDecision } from '@quits/proto/grpc'
import express, { type NextFunction, type Request, type Response } from 'express'
import { z } from 'zod'
import type { Check } from './check.ts'

const bodyBytesMax = 16_384
const routeClassDefault = 'api'

const address = z.string().refine((text) => networkOf(text) !== undefined, 'must be one address')
const routeClass = z.string().max(64).default(routeClassDefault)
const checkBody = z.strictObject({
  token: z.string().max(8_192).default(''),
  address,
  routeClass,
  cost: z.number().int().min(0).max(1_000_000).default(0),
})
const checkHeaders = z.object({ address, routeClass })
/** nginx takes only 401 and 403 as a refusal; `?deny=403` asks for that. */
const deny = z.enum(['403', '429']).default('429')

export const makeHttpEdge = (options: { check: Check; log: Log }) => {
  const app = express()
  app.disable('x-powered-by')
  app.set('etag', false)

  const checkOfBody = async (request: Request, response: Response) => {
    const body = checkBody.safeParse(request.body)
    if (!body.success) return sendProblem(response, badCheck(body.error))
    answer(response, await options.check.decide(body.data), 429)
  }

  const checkOfHeaders = async (request: Request, response: Response) => {
    const denyStatus = deny.safeParse(request.query['deny'])
    const headers = checkHeaders.safeParse({
      address: request.headers['x-forwarded-for'],
      routeClass: request.headers['x-route-class'],
    })
    if (!denyStatus.success) return sendProblem(response, badCheck(denyStatus.error))
    if (!headers.success) return sendProblem(response, badCheck(headers.error))
    const token = bearerOf(request.headers.authorization) ?? ''
    const asked: RateCheck = { ...headers.data, token, cost: 0 }
    answer(response, await options.check.decide(asked), Number(denyStatus.data))
  }

  app.post('/v1/check', express.json({ limit: bodyBytesMax }), checkOfBody)
  app.get('/v1/check', checkOfHeaders)

  app.use((_request: Request, response: Response) => {
    sendProblem(response, { status: 404, code: 'not_found', title: 'There is nothing here.' })
  })
  // Express tells an error handler by its four arguments.
  app.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => {
    const refused = error instanceof Error && 'status' in error ? Number(error.status) : 500
    if (refused >= 500) options.log.error({ err: error }, 'HTTP check failed')
    const known = refused === 413 ? tooLarge : refused < 500 ? unreadable : internal
    sendProblem(response, known)
  })
  return app
}

const answer = (response: Response, decision: RateDecision, denyStatus: number) => {
  response.set(rateLimitHeaders(decision))
  response.set('cache-control', 'no-store')
  if (decision.allowed) return response.status(200).json(decision)
  return sendProblem(response, {
    status: denyStatus,
    code: 'too_many_requests',
    title: 'Too many requests.',
    retryAfterSeconds: retryAfterSeconds(decision),
    members: { policy: decision.policy, tier: decision.tier, degraded: decision.degraded },
  })
}

const badCheck = (error: z.ZodError): Problem => ({
  status: 400,
  code: 'malformed_check',
  title: 'The check cannot be read.',
  detail: error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '),
})
const unreadable: Problem = { status: 400, code: 'malformed_json', title: 'The body is not JSON.' }
const tooLarge: Problem = { status: 413, code: 'body_too_large', title: 'The body is too large.' }
const internal: Problem = { status: 500, code: 'internal', title: 'Something failed here.' }
