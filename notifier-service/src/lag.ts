/** How far behind Kafka this process is, in seconds. Pure but for the clock that comes in. */

/** So long after a batch its lag still tells something; afterwards nothing waits. */
const freshMs = 10_000

export type Lag = ReturnType<typeof makeLag>

export const makeLag = (now: () => number) => {
  /** When the broker got the oldest record of the batch in hand, which may have failed. */
  let waitingSinceMs: number | undefined
  let handled = { lagMs: 0, atMs: 0 }
  return {
    /** A batch is in hand; `oldestMs` is when the broker got its first record. */
    began(oldestMs: number): void {
      waitingSinceMs = oldestMs
    },
    /** All of it is stored; `newestMs` is when the broker got its last record. */
    ended(newestMs: number): void {
      waitingSinceMs = undefined
      handled = { lagMs: Math.max(0, now() - newestMs), atMs: now() }
    },
    /** Grows while a batch can't be stored; 0 when nothing waits. */
    seconds(): number {
      if (waitingSinceMs !== undefined) return Math.max(0, now() - waitingSinceMs) / 1_000
      return now() - handled.atMs < freshMs ? handled.lagMs / 1_000 : 0
    },
  }
}
