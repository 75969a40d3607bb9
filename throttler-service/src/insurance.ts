/**
 * The insurance: counters in this process that answer while Redis cannot. A request then passes at
 * about its policy's rate divided by the replicas, and sign-in stays strict, because somebody who
 * can stop Redis must not win free guesses.
 */
import { hash, randomBytes } from 'node:crypto'
import { type RateLimiterAbstract, RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import type { Policy } from './policy.ts'

/** Subjects share this many counters per policy, so that a flood of addresses cannot fill memory. */
const slotsMax = 131_072
const strictClass = 'sign-in'
const strictDivisor = 3

export interface Insured {
  allowed: boolean
  capacity: number
  windowSeconds: number
  remaining: number
  waitMs: number
}

export type Insurance = ReturnType<typeof makeInsurance>

/** `take` never rejects. Policies are told apart by identity: new ones start with new counters. */
export const makeInsurance = (options: { replicas: number }) => {
  const limiters = new WeakMap<Policy, RateLimiterAbstract>()
  // Where subjects meet in one slot must not be something a stranger can compute.
  const salt = randomBytes(16).toString('hex')

  const limiterOf = (policy: Policy, routeClass: string): RateLimiterAbstract => {
    const known = limiters.get(policy)
    if (known !== undefined) return known
    const divisor = options.replicas * (routeClass === strictClass ? strictDivisor : 1)
    const made = new RateLimiterMemory({
      points: Math.max(1, Math.floor(policy.capacity / divisor)),
      duration: Math.max(1, Math.ceil((policy.capacity * policy.intervalUs) / 1_000_000)),
    })
    limiters.set(policy, made)
    return made
  }

  return {
    async take(request: {
      policy: Policy
      routeClass: string
      subject: string
      cost: number
    }): Promise<Insured> {
      const limiter = limiterOf(request.policy, request.routeClass)
      const digest = hash('sha256', `${salt} ${request.subject}`, 'buffer')
      const slot = digest.readUInt32BE(0) % slotsMax
      const cost = Math.min(request.cost, limiter.points)
      const { allowed, state } = await limiter.consume(String(slot), cost).then(
        (state) => ({ allowed: true, state }),
        (refusal: unknown) => {
          if (refusal instanceof RateLimiterRes) return { allowed: false, state: refusal }
          throw refusal
        },
      )
      return {
        allowed,
        capacity: limiter.points,
        windowSeconds: limiter.duration,
        remaining: state.remainingPoints,
        waitMs: state.msBeforeNext,
      }
    },
  }
}
