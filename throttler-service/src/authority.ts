/**
 * The identity authority behind a breaker: the tokens of one event-loop turn travel as one call.
 * Only failures of the authority itself count; "I do not know this token" is an answer, so nobody
 * can open the breaker with bad tokens.
 */
import { status } from '@grpc/grpc-js'
import type { makeGrpcClient } from '@quits/kit/grpc'
import { makeTurnBatch } from '@quits/kit/turn-batch'
import { batchLengthMax, type IdentifiedToken, type identityContract } from '@quits/proto/grpc'
import { CircuitState, ConsecutiveBreaker, circuitBreaker, handleWhen } from 'cockatiel'

const deadlineMs = 300
const failuresInARow = 5
const halfOpenAfterMs = 2_000
const pendingMax = 4_096

type Methods = NonNullable<(typeof identityContract)['methods']>
export type IdentityClient = ReturnType<typeof makeGrpcClient<Methods>>

const infrastructureCodes = new Set<unknown>([
  status.UNAVAILABLE,
  status.DEADLINE_EXCEEDED,
  status.INTERNAL,
])

/** Is it the authority that failed, rather than the question? */
export const isInfrastructureFailure = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && infrastructureCodes.has(error.code)

export type Authority = ReturnType<typeof makeAuthority>

/** `identify` rejects while the breaker is open and when the authority fails. */
export const makeAuthority = (client: Pick<IdentityClient, 'call'>) => {
  const breaker = circuitBreaker(handleWhen(isInfrastructureFailure), {
    halfOpenAfter: halfOpenAfterMs,
    breaker: new ConsecutiveBreaker(failuresInARow),
  })
  const run = async (tokens: string[]): Promise<IdentifiedToken[]> => {
    const answer = await breaker.execute(() => client.call('Identify', { tokens }, { deadlineMs }))
    return answer.identities
  }
  return {
    identify: makeTurnBatch<string, IdentifiedToken>({
      lengthMax: batchLengthMax,
      pendingMax,
      run,
    }),
    /** True while calls are refused without being made. */
    open: () => breaker.state === CircuitState.Open,
  }
}
