/** The use case: may this caller go on? */
import { makeBoundedCache } from '@quits/kit/bounded-cache'
import type { RateCheck, RateDecision } from '@quits/proto/grpc'
import type { Buckets } from './buckets.ts'
import { capacityUs, costOf, decide, denied, insured } from './decision.ts'
import type { Identity } from './identity.ts'
import type { Insurance } from './insurance.ts'
import type { Policies, Policy } from './policy.ts'
import { anonymous, type Caller, subjectOf } from './subject.ts'

const denialsMax = 100_000

/** One policy of a check with the bucket that it draws from. */
interface Claim {
  policy: Policy
  key: string
  cost: number
}

export type Check = ReturnType<typeof makeCheck>

/** `decide` never rejects: while Redis cannot answer, the insurance does. `now`: Unix ms. */
export const makeCheck = (options: {
  policies: () => Policies
  identity: Pick<Identity, 'who'>
  buckets: Buckets
  insurance: Insurance
  keyPrefix: string
  now: () => number
  onDecision: (decision: RateDecision, routeClass: string) => void
  onBlind: (error: unknown) => void
}) => {
  const { now } = options
  /** A denied bucket cannot become free before its wait is over, so the answer is known. */
  const denials = makeBoundedCache<{ untilMs: number }>({ entriesMax: denialsMax, now })
  const denialKey = ({ key, cost }: Claim) => `${key} ${cost}`

  const fromRedis = async (claims: Claim[]): Promise<RateDecision | undefined> => {
    // The wait counts from before the call: a little too short rather than too long.
    const calledAtMs = now()
    const drawn = await options.buckets.draw(
      claims.map(({ policy, key, cost }) => ({
        key,
        capacityUs: capacityUs(policy),
        costUs: cost * policy.intervalUs,
      })),
    )
    for (const [index, claim] of claims.entries()) {
      const waitMs = (drawn.buckets[index]?.waitUs ?? 0) / 1_000
      const untilMs = calledAtMs + waitMs
      if (waitMs > 0) denials.set(denialKey(claim), { untilMs }, untilMs - now())
    }
    return decide(
      claims.map(({ policy }) => policy),
      drawn,
    )
  }

  const fromInsurance = async (claims: Claim[], request: RateCheck, caller: Caller) => {
    const subject = subjectOf(caller, request.address)
    const { routeClass } = request
    const answers: RateDecision[] = []
    for (const { policy, cost } of claims) {
      const state = await options.insurance.take({ policy, routeClass, subject, cost })
      answers.push(insured(policy, caller.tier, state))
    }
    return answers.find(({ allowed }) => !allowed) ?? answers[0]
  }

  const remembered = (claims: Claim[]): RateDecision | undefined => {
    for (const claim of claims) {
      const denial = denials.get(denialKey(claim))
      if (denial !== undefined) return denied(claim.policy, denial.untilMs - now())
    }
    return undefined
  }

  const decideOne = async (request: RateCheck): Promise<RateDecision> => {
    const policies = options.policies()
    const byAddress = policies.subjectOf(request.routeClass) === 'address'
    const caller = byAddress ? anonymous : await options.identity.who(request.token)
    const subject = subjectOf(caller, request.address)
    const claims = policies.of(caller.tier, request.routeClass).map((policy) => ({
      policy,
      key: `${options.keyPrefix}${subject}:${policy.name}`,
      cost: costOf(policy, request.cost),
    }))
    const answer =
      remembered(claims) ??
      (await fromRedis(claims).catch((error: unknown) => {
        options.onBlind(error)
        return fromInsurance(claims, request, caller)
      }))
    if (answer === undefined) throw new Error(`no policy for ${request.routeClass}`)
    return caller.degraded ? { ...answer, degraded: true } : answer
  }

  return {
    async decide(request: RateCheck): Promise<RateDecision> {
      const decision = await decideOne(request)
      options.onDecision(decision, options.policies().classOf(request.routeClass))
      return decision
    },
    /** After new policies or a reset of buckets: what was denied may now have room. */
    forgetDenials(): void {
      denials.clear()
    },
  }
}
