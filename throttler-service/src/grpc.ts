/** The gRPC edge: `quits.throttler.v1.Throttler/Check`, many checks in one call. */
import { status } from '@grpc/grpc-js'
import { GrpcRefusal, serve } from '@quits/kit/grpc'
import { batchLengthMax, throttlerContract } from '@quits/proto/grpc'
import type { Check } from './check.ts'

export const makeThrottlerService = (check: Check) =>
  serve(throttlerContract, {
    async Check({ checks }) {
      if (checks.length > batchLengthMax) {
        throw new GrpcRefusal(status.INVALID_ARGUMENT, `at most ${batchLengthMax} checks`)
      }
      return { decisions: await Promise.all(checks.map((one) => check.decide(one))) }
    },
  })
