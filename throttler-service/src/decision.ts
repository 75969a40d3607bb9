/** From the state of buckets to the answer a caller sees. Pure. */
import type { RateDecision } from '@quits/proto/grpc'
import type { Drawn } from './buckets.ts'
import type { Insured } from './insurance.ts'
import type { Policy, Tier } from './policy.ts'

/** How long a full bucket of this policy leaks, in microseconds. */
export const capacityUs = (policy: Policy): number => policy.capacity * policy.intervalUs

/** A cost above the capacity could never pass; it is taken as the whole bucket. */
export const costOf = (policy: Policy, asked: number): number =>
  Math.min(policy.capacity, asked === 0 ? policy.cost : asked)

const windowSeconds = (policy: Policy): number =>
  Math.max(1, Math.ceil(capacityUs(policy) / 1_000_000))

/** Of several policies the one that binds is shown: the longest wait, else the fullest bucket. */
export const decide = (policies: Policy[], drawn: Drawn): RateDecision | undefined => {
  const states = policies.flatMap((policy, index) => {
    const bucket = drawn.buckets[index]
    return bucket === undefined ? [] : [{ policy, ...bucket }]
  })
  const fullness = ({ policy, levelUs }: (typeof states)[number]) => levelUs / capacityUs(policy)
  const [binding] = states.toSorted((a, b) => b.waitUs - a.waitUs || fullness(b) - fullness(a))
  if (binding === undefined) return undefined
  const { policy, levelUs, waitUs } = binding
  return {
    allowed: drawn.allowed,
    tier: policy.tier,
    policy: policy.name,
    capacity: policy.capacity,
    windowSeconds: windowSeconds(policy),
    remaining: Math.max(0, Math.floor((capacityUs(policy) - levelUs) / policy.intervalUs)),
    resetSeconds: Math.ceil(levelUs / 1_000_000),
    retryAfterMs: drawn.allowed ? 0 : Math.ceil(waitUs / 1_000),
    degraded: false,
  }
}

/** The answer while a denial is still remembered; `waitMs` is what is left of it. */
export const denied = (policy: Policy, waitMs: number): RateDecision => ({
  allowed: false,
  tier: policy.tier,
  policy: policy.name,
  capacity: policy.capacity,
  windowSeconds: windowSeconds(policy),
  remaining: 0,
  // Right to within the one token that is missing: the bucket is as good as full.
  resetSeconds: windowSeconds(policy),
  retryAfterMs: Math.max(1, Math.ceil(waitMs)),
  degraded: false,
})

/** The answer of the insurance. */
export const insured = (policy: Policy, tier: Tier, state: Insured): RateDecision => ({
  allowed: state.allowed,
  tier,
  policy: policy.name,
  capacity: state.capacity,
  windowSeconds: state.windowSeconds,
  remaining: state.remaining,
  resetSeconds: Math.ceil(state.waitMs / 1_000),
  retryAfterMs: state.allowed ? 0 : Math.max(1, Math.ceil(state.waitMs)),
  degraded: true,
})
