/**
 * Our own send rate: SES drops what comes faster than the account may send, so we never do. One
 * send per interval, nobody saved up; a pause moves the next slot for all.
 */
import { sleep } from '@quits/kit/backoff'

export type SendRate = ReturnType<typeof makeSendRate>

/** Those who wait are bounded by the consumer's prefetch. `nowMs` and `wait` are for tests. */
export const makeSendRate = (options: {
  perSecond: number
  nowMs?: () => number
  wait?: (ms: number, signal: AbortSignal) => Promise<void>
}) => {
  const { nowMs = Date.now, wait = sleep } = options
  const intervalMs = 1_000 / options.perSecond
  let nextSlotMs = 0
  let pausedUntilMs = 0

  return {
    /**
     * Waits for a slot and resolves true when it is here. Resolves false, having sent nobody away
     * from theirs, when none comes before `deadlineMs`, when sending was paused meanwhile, or when
     * `signal` was heard.
     */
    async take(deadlineMs: number, signal: AbortSignal): Promise<boolean> {
      const slotMs = Math.max(nowMs(), nextSlotMs, pausedUntilMs)
      if (slotMs >= deadlineMs || signal.aborted) return false
      nextSlotMs = slotMs + intervalMs
      const waitMs = Math.ceil(slotMs - nowMs())
      if (waitMs > 0) await wait(waitMs, signal)
      return !signal.aborted && nowMs() >= pausedUntilMs
    },
    /** Nobody sends for `ms` from now. */
    pause(ms: number) {
      pausedUntilMs = Math.max(pausedUntilMs, nowMs() + ms)
    },
  }
}
