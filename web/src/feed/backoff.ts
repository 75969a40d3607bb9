/** Reconnect delays with full jitter, so that a restarted server is not met by all at once. */

const baseMs = 500
const delayMsMax = 30_000
const doublingsMax = 10

/** Uniform in [0, min(delayMsMax, baseMs · 2^attempt)); `random` is in [0, 1). */
export const backoffMs = (attempt: number, random: number): number =>
  Math.round(random * Math.min(delayMsMax, baseMs * 2 ** Math.min(attempt, doublingsMax)))
