/** RateLimit-Policy, RateLimit (draft-ietf-httpapi-ratelimit-headers-11) and Retry-After. */

/** What a limiter decided, in the words of the headers. `policy` is a plain name. */
export interface RateState {
  allowed: boolean
  policy: string
  capacity: number
  windowSeconds: number
  remaining: number
  resetSeconds: number
  retryAfterMs: number
}

/** Whole seconds, rounded up and at least one: a client that waits them is let through. */
export const retryAfterSeconds = (state: RateState): number =>
  Math.max(1, Math.ceil(state.retryAfterMs / 1_000))

/** The headers of any answer to a limited request; Retry-After only when it was refused. */
export const rateLimitHeaders = (state: RateState): Record<string, string> => ({
  'ratelimit-policy': `"${state.policy}";q=${state.capacity};w=${state.windowSeconds}`,
  ratelimit: `"${state.policy}";r=${state.remaining};t=${state.resetSeconds}`,
  ...(state.allowed ? {} : { 'retry-after': String(retryAfterSeconds(state)) }),
})
