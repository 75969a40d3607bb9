/** The refusals of the front door itself. */
import type { Problem } from '@quits/kit/problem'
import { type RateState, retryAfterSeconds } from '@quits/kit/rate-limit-headers'

export const badRequest = (detail: string): Problem => ({
  status: 400,
  code: 'bad_request',
  title: 'The request cannot be understood safely.',
  detail,
})
export const notFound: Problem = { status: 404, code: 'not_found', title: 'There is nothing here.' }
export const methodNotAllowed: Problem = {
  status: 405,
  code: 'method_not_allowed',
  title: 'This cannot be done here.',
}
export const bodyTooLarge: Problem = {
  status: 413,
  code: 'body_too_large',
  title: 'The body is too large.',
}
export const tooManyRequests = (decision: RateState & { degraded: boolean }): Problem => ({
  status: 429,
  code: 'too_many_requests',
  title: 'Too many requests. Wait a moment and try again.',
  retryAfterSeconds: retryAfterSeconds(decision),
  members: { policy: decision.policy, degraded: decision.degraded },
})
export const internal: Problem = { status: 500, code: 'internal', title: 'Something failed here.' }
export const upstreamUnavailable: Problem = {
  status: 502,
  code: 'upstream_unavailable',
  title: 'The service behind this address cannot be reached right now.',
  retryAfterSeconds: 1,
}
export const overloaded: Problem = {
  status: 503,
  code: 'overloaded',
  title: 'Too much is going on at once.',
  retryAfterSeconds: 1,
}
export const webAppMissing: Problem = {
  status: 503,
  code: 'web_app_missing',
  title: 'The web app is not built yet.',
  retryAfterSeconds: 2,
}
/** Says so because it matters: what was asked may have happened all the same. */
export const upstreamTimeout: Problem = {
  status: 504,
  code: 'upstream_timeout',
  title: 'The service did not answer in time; what was asked may still have been done.',
  retryAfterSeconds: 1,
}
