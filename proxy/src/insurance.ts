/**
 * The insurance: counters in this process for the time that the throttler does not answer. It
 * knows no identity, so everybody is an address; sign-in stays strict, because somebody who can
 * stop the throttler must not win free guesses.
 */
import { hash, randomBytes } from 'node:crypto'
import { networkOf } from '@quits/kit/network'
import type { RateDecision } from '@quits/proto/grpc'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import type { RouteClass } from './routes-table.ts'

/** Addresses share this many counters per limit, so that a flood of them cannot fill memory. */
const slotsMax = 131_072

/** `session`: an API request that carries some token; a junk one reaches this and no more. */
const limits = {
  api: { points: 60, duration: 60 },
  session: { points: 300, duration: 15 },
  'sign-in': { points: 10, duration: 300 },
  feed: { points: 120, duration: 60 },
  static: { points: 600, duration: 12 },
} as const

export type Insurance = ReturnType<typeof makeInsurance>

/** `take` answers like the throttler, marked as degraded; it never rejects. */
export const makeInsurance = (options: { replicas: number }) => {
  const limiters = new Map(
    Object.entries(limits).map(([name, { points, duration }]) => {
      const part = Math.max(1, Math.floor(points / options.replicas))
      return [name, new RateLimiterMemory({ points: part, duration, keyPrefix: name })]
    }),
  )
  // Where addresses meet in one slot must not be something a stranger can compute.
  const salt = randomBytes(16).toString('hex')

  return {
    async take(request: {
      token: string
      address: string
      routeClass: RouteClass
    }): Promise<RateDecision> {
      const { routeClass, token } = request
      const name = routeClass === 'api' && token !== '' ? 'session' : routeClass
      const limiter = limiters.get(name)
      if (limiter === undefined) throw new Error(`no insurance for ${name}`)
      const network = networkOf(request.address) ?? 'unknown'
      const slot = hash('sha256', `${salt} ${network}`, 'buffer').readUInt32BE(0) % slotsMax
      const { allowed, state } = await limiter.consume(String(slot)).then(
        (state) => ({ allowed: true, state }),
        (refusal: unknown) => {
          if (refusal instanceof RateLimiterRes) return { allowed: false, state: refusal }
          throw refusal
        },
      )
      return {
        allowed,
        tier: 'anonymous',
        policy: `insurance-${name}`,
        capacity: limiter.points,
        windowSeconds: limiter.duration,
        remaining: state.remainingPoints,
        resetSeconds: Math.ceil(state.msBeforeNext / 1_000),
        retryAfterMs: allowed ? 0 : Math.max(1, Math.ceil(state.msBeforeNext)),
        degraded: true,
      }
    },
  }
}
