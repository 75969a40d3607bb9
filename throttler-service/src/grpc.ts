/**
 * The gRPC edge: `quits.throttler.v1.Throttler`, many checks in one message. `Check` is a call for
 * each, `Checks` one that stays open.
 */
import { status } from '@grpc/grpc-js'
import { GrpcRefusal, serve } from '@quits/kit/grpc'
import {
  batchLengthMax,
  type CheckRequest,
  type CheckResponse,
  throttlerContract,
} from '@quits/proto/grpc'
import type { Check } from './check.ts'

export const makeThrottlerService = (check: Check) => {
  const answer = async ({ checks }: CheckRequest): Promise<CheckResponse> => {
    if (checks.length > batchLengthMax) {
      throw new GrpcRefusal(status.INVALID_ARGUMENT, `at most ${batchLengthMax} checks`)
    }
    return { decisions: await Promise.all(checks.map((one) => check.decide(one))) }
  }
  return serve(throttlerContract, { Check: answer, Checks: answer })
}
