/** Retry delays with full jitter (AWS Architecture Blog, "Exponential Backoff And Jitter"). */
import { setTimeout as delay } from 'node:timers/promises'

export interface Backoff {
  baseMs: number
  delayMsMax: number
}

export const reconnectBackoff: Backoff = { baseMs: 100, delayMsMax: 5_000 }

/** Uniform in [0, min(delayMsMax, baseMs · 2^attempt)]; `random` is in [0, 1). */
export const backoffMs = (backoff: Backoff, attempt: number, random: number): number =>
  Math.round(random * Math.min(backoff.delayMsMax, backoff.baseMs * 2 ** Math.min(attempt, 30)))

/**
 * Somewhere between half of `ms` and all of it, so that what began together does not go on together;
 * `random` is in [0, 1).
 */
export const scatteredMs = (ms: number, random: number): number => ms * (0.5 + random / 2)

/** Waits `ms`; ends early, without throwing, when the signal is heard. */
export const sleep = async (ms: number, signal: AbortSignal): Promise<void> => {
  await delay(ms, undefined, { signal }).catch(() => undefined)
}
