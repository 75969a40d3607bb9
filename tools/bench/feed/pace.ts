// Load that does not wait for answers: a server that slows down does not slow the load down with it.
import { setTimeout as delay } from 'node:timers/promises'

export interface Pace {
  perSecond: number
  seconds: number
}

const tickMs = 5

/** For so long connections are opened and load finds its way: carried, but not counted. */
const settleSeconds = 2

/** The same pace, with a beginning that `settled` leaves out. */
export const withSettling = ({ perSecond, seconds }: Pace): Pace => ({
  perSecond,
  seconds: settleSeconds + seconds,
})

/**
 * What was measured after the beginning, of values in their order. What never came, which is
 * infinite, counts wherever it was.
 */
export const settled = (values: number[], { perSecond }: Pace): number[] =>
  values.filter((value, index) => index >= perSecond * settleSeconds || !Number.isFinite(value))

/** Starts `act` at the pace; resolves with how often, once all have ended. Rejects with the first. */
export async function openLoop(
  { perSecond, seconds }: Pace,
  act: (index: number) => Promise<void>,
): Promise<number> {
  const startedMs = performance.now()
  const count = Math.round(perSecond * seconds)
  const running: Promise<void>[] = []
  while (running.length < count) {
    const elapsedMs = performance.now() - startedMs
    const due = Math.min(count, Math.floor((elapsedMs * perSecond) / 1_000) + 1)
    while (running.length < due) {
      const one = act(running.length)
      // It is told by the wait for all of them.
      one.catch(() => undefined)
      running.push(one)
    }
    await delay(tickMs)
  }
  await Promise.all(running)
  return count
}

/** The value below which this share of `values` lies. */
export function quantile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}
