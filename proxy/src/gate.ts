/**
 * May this request go on? All questions of one event-loop turn travel as one message to the
 * throttler, on a call that stays open: at hundreds of turns a second a call for each costs more
 * than what it asks. When it does not answer in time the insurance does, and after a few such
 * failures in a row it answers at once for a moment, so that a silent throttler costs requests no
 * waiting.
 */
import { hash } from 'node:crypto'
import { status } from '@grpc/grpc-js'
import { makeBoundedCache } from '@quits/kit/bounded-cache'
import type { Dialogue } from '@quits/kit/grpc'
import { makeTurnBatch } from '@quits/kit/turn-batch'
import {
  batchLengthMax,
  type CheckRequest,
  type CheckResponse,
  type RateCheck,
  type RateDecision,
} from '@quits/proto/grpc'
import type { Insurance } from './insurance.ts'
import type { RouteClass } from './routes-table.ts'

const pendingMax = 10_000
const denialsMax = 50_000
const failuresInARow = 3
const blindMs = 500

export interface Caller {
  token: string
  address: string
  routeClass: RouteClass
}

export type Gate = ReturnType<typeof makeGate>

/** `admit` never rejects. `now` is in Unix milliseconds. */
export const makeGate = (options: {
  throttler: Dialogue<CheckRequest, CheckResponse>
  deadlineMs: number
  insurance: Insurance
  now: () => number
  /** Each message that got no answer, with the name of its gRPC status. */
  onFailure: (fault: string, error: unknown) => void
}) => {
  const { now } = options
  /** A denied bucket cannot become free before its retry-after, so the answer is known. */
  const denials = makeBoundedCache<{ decision: RateDecision; untilMs: number }>({
    entriesMax: denialsMax,
    now,
  })
  let failures = 0
  let blindUntilMs = 0

  const ask = makeTurnBatch<RateCheck, RateDecision>({
    lengthMax: batchLengthMax,
    pendingMax,
    async run(checks) {
      try {
        const limits = { deadlineMs: options.deadlineMs }
        const { decisions } = await options.throttler.ask({ checks }, limits)
        failures = 0
        return decisions
      } catch (error) {
        failures += 1
        options.onFailure(faultOf(error), error)
        if (failures >= failuresInARow) blindUntilMs = now() + blindMs
        throw error
      }
    },
  })

  const fromThrottler = async (caller: Caller, key: string): Promise<RateDecision> => {
    const askedAtMs = now()
    const decision = await ask({ ...caller, cost: 0 })
    if (!decision.allowed && !decision.degraded) {
      const untilMs = askedAtMs + decision.retryAfterMs
      denials.set(key, { decision, untilMs }, untilMs - now())
    }
    return decision
  }

  return {
    async admit(caller: Caller): Promise<RateDecision> {
      const key = hash('sha256', `${caller.routeClass} ${caller.address} ${caller.token}`)
      const denial = denials.get(key)
      if (denial !== undefined) {
        return { ...denial.decision, retryAfterMs: Math.max(1, denial.untilMs - now()) }
      }
      if (now() < blindUntilMs) return options.insurance.take(caller)
      try {
        return await fromThrottler(caller, key)
      } catch {
        return options.insurance.take(caller)
      }
    },
  }
}

const faultOf = (error: unknown): string => {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return (typeof code === 'number' ? status[code] : undefined) ?? 'UNKNOWN'
}
