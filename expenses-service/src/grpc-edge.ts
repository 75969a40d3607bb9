/** What every gRPC method of the service shares: who calls, and how a refusal travels. */
import { bearerOf } from '@quits/kit/bearer'
import { type GrpcCall, GrpcRefusal, type UnknownField } from '@quits/kit/grpc'
import type { Log } from '@quits/kit/log'
import { problemDocument } from '@quits/kit/problem'
import type { Refusal } from '@quits/proto/ledger'
import type { Caller } from './caller.ts'
import { asLedgerError, catalogue, ledgerError, type LedgerError, problemOf } from './errors.ts'
import type { Authenticate } from './routing.ts'

/** The caller by the `authorization` of the metadata; throws `unauthenticated`. */
export const callerOf = (
  call: GrpcCall,
  authenticate: Authenticate[keyof Authenticate],
): Promise<Caller> => authenticate(bearerOf(call.metadata('authorization')))

/** A refusal as one item of a batch. */
export const refusalMessage = (refusal: LedgerError): Refusal => {
  const problem = problemOf(refusal)
  return {
    code: refusal.code,
    grpcStatus: catalogue[refusal.code].grpc,
    title: problem.title,
    problem: JSON.stringify(problemDocument(problem)),
  }
}

/** A refusal as the end of a call: status, code and problem document from the one catalogue. */
export const grpcRefusal = (refusal: LedgerError): GrpcRefusal => {
  const problem = problemOf(refusal)
  const { retryAfterSeconds } = problem
  return new GrpcRefusal(catalogue[refusal.code].grpc, problem.title, {
    'quits-code': refusal.code,
    'quits-problem-bin': Buffer.from(JSON.stringify(problemDocument(problem))),
    ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }),
  })
}

/** What a request may not hold, as over HTTP: a field that nobody here knows. */
export const refuseUnknown = (fields: UnknownField[]): void => {
  if (fields.length === 0) return
  const faults = fields.map(({ path, number }) => ({
    path: path.join('.'),
    message: `has no field ${number}, or not in this form`,
  }))
  throw ledgerError('unknown_field', { members: { faults } })
}

/** Whatever was thrown, as the refusal that leaves. What nobody foresaw is noted here. */
export const refusalOf = (error: unknown, log: Log): LedgerError => {
  const refusal = asLedgerError(error)
  if (refusal.code === 'internal') log.error({ err: error }, 'a gRPC call failed')
  return refusal
}

/** The handler with its refusals made ready to leave. */
export const refusing =
  <Q, A>(log: Log, handle: (request: Q, call: GrpcCall) => Promise<A>) =>
  async (request: Q, call: GrpcCall): Promise<A> => {
    try {
      return await handle(request, call)
    } catch (error) {
      throw grpcRefusal(refusalOf(error, log))
    }
  }

/** The same for a method that streams. */
export const refusingStream = <Q, A>(
  log: Log,
  handle: (request: Q, call: GrpcCall) => AsyncIterable<A>,
) =>
  async function* (request: Q, call: GrpcCall): AsyncGenerator<A, void, undefined> {
    try {
      yield* handle(request, call)
    } catch (error) {
      throw grpcRefusal(refusalOf(error, log))
    }
  }
