/**
 * The gRPC contracts: where each .proto file is, and the TypeScript shapes of its messages as
 * proto-loader delivers them with `longs: String, defaults: true` (field names in camel case).
 */
import { fileURLToPath } from 'node:url'

/** One method of a service: what goes in and what comes out. */
interface Method {
  request: unknown
  response: unknown
}

/** A service contract; `methods` exists for the type checker only. */
export interface GrpcContract<M extends Record<string, Method>> {
  file: string
  service: string
  methods?: M
}

const protoFile = (name: string) => fileURLToPath(new URL(name, import.meta.url))

/** Most tokens, or checks, that one message may carry. */
export const batchLengthMax = 256

export interface IdentifyRequest {
  tokens: string[]
}
export interface IdentifiedToken {
  known: boolean
  userId: string
  activated: boolean
  sessionId: string
  /** Unix milliseconds, as digits: proto int64. */
  expiresAtMs: string
  role: string
}
export interface IdentifyResponse {
  identities: IdentifiedToken[]
}

export const identityContract: GrpcContract<{
  Identify: { request: IdentifyRequest; response: IdentifyResponse }
}> = { file: protoFile('./identity.proto'), service: 'quits.identity.v1.Identity' }

export interface RateCheck {
  token: string
  address: string
  routeClass: string
  cost: number
}
export interface RateDecision {
  allowed: boolean
  tier: string
  policy: string
  capacity: number
  windowSeconds: number
  remaining: number
  resetSeconds: number
  retryAfterMs: number
  degraded: boolean
}
export interface CheckRequest {
  checks: RateCheck[]
}
export interface CheckResponse {
  decisions: RateDecision[]
}

export const throttlerContract: GrpcContract<{
  Check: { request: CheckRequest; response: CheckResponse }
  Checks: { request: CheckRequest; response: CheckResponse; dialogue: true }
}> = { file: protoFile('./throttler.proto'), service: 'quits.throttler.v1.Throttler' }
