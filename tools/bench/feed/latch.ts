// Waiting for something that somebody else will bring about, within a bound.
import { setTimeout as delay } from 'node:timers/promises'

const lookEveryMs = 50

/** Looks again and again until it is so; rejects after `withinMs`. */
export const makeLatch =
  (withinMs: number) =>
  async (isSo: () => Promise<boolean>, what: string): Promise<void> => {
    const startedMs = performance.now()
    while (performance.now() - startedMs < withinMs) {
      if (await isSo()) return
      await delay(lookEveryMs)
    }
    throw new Error(`${what} did not come within ${withinMs / 1_000} s`)
  }
