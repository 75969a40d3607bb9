/** Every refusal of the notifier's HTTP routes. */
import type { Problem } from '@quits/kit/problem'

const catalogue = {
  invalid_json: { status: 400, title: 'The body is not JSON.' },
  unauthenticated: {
    status: 401,
    title: 'Sign in first: the access token is missing, wrong or expired.',
  },
  not_found: { status: 404, title: 'There is no such thing of yours.' },
  gap: {
    status: 410,
    title: 'What came after that place is no longer kept: read the newest pages instead.',
  },
  version_conflict: { status: 412, title: 'It was changed since you read it.' },
  body_too_large: { status: 413, title: 'The body is too large.' },
  invalid_request: { status: 422, title: 'Something in the request is not as it must be.' },
  unknown_field: { status: 422, title: 'The request has a field that is not known here.' },
  upgrade_required: { status: 426, title: 'The feed is a WebSocket: ask for an upgrade.' },
  too_many_streams: {
    status: 429,
    title: 'Too many open feeds: close one first.',
    retryAfterSeconds: 5,
  },
  unavailable: { status: 503, title: 'Not possible right now; try again.', retryAfterSeconds: 1 },
} as const satisfies Record<string, Omit<Problem, 'code'>>

export type ProblemCode = keyof typeof catalogue

/** Thrown by a route; the error handler writes the problem document. */
export class RefusalError extends Error {
  override name = 'RefusalError'
  readonly problem: Problem
  constructor(code: ProblemCode, detail?: string) {
    super(code)
    this.problem = { code, ...catalogue[code], ...(detail === undefined ? {} : { detail }) }
  }
}
