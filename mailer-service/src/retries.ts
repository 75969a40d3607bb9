/** When a job is tried again: full jitter, on the grid of the retry queues, never too late. */
import { backoffMs } from '@quits/kit/backoff'
import { retryDelaysSeconds } from '@quits/proto/jobs'

/** With this backoff, twenty attempts take about an hour; a code has expired long before. */
export const attemptsMax = 20
const retryBackoff = { baseMs: 1_000, delayMsMax: 600_000 }

/**
 * The retry queue for a job that failed for the `attempt`-th time (from 0): a delay drawn from
 * [0, base · 2^attempt), then the next queue up. When that would end after the expiry, the longest
 * one that does not; undefined when none is short enough. `random` is in [0, 1).
 */
export const retryDelay = (
  attempt: number,
  random: number,
  remainingMs: number,
): number | undefined => {
  const drawnMs = backoffMs(retryBackoff, attempt, random)
  const inTime = retryDelaysSeconds.filter((seconds) => seconds * 1_000 < remainingMs)
  return inTime.find((seconds) => seconds * 1_000 >= drawnMs) ?? inTime.at(-1)
}
