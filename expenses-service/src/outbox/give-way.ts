/**
 * When events give way to who asks. What carries an event, stores it and shows it takes the time of
 * the same machine, and a ledger that is asked for all it can do answers first and tells afterwards.
 */

/** A ledger at its full rate is at work for 0.65 to 0.8 of the time, one at a third of it for 0.4 to 0.5. */
const busyShare = 0.6
/** A burst that is over sooner is carried as it comes. */
const lookMs = 500
/** A crowd is gone when the ledger has not called itself busy for two looks. */
const freshMs = 1_000

/**
 * Returns what tells whether a thread was busy when last looked at, over half a second or more. `look`
 * is its `performance.eventLoopUtilization`: milliseconds since it began.
 */
export const makeBusyness = (look: () => { idle: number; active: number }): (() => boolean) => {
  let { idle, active } = look()
  let isBusy = false
  return () => {
    const seen = look()
    const activeMs = seen.active - active
    const passedMs = activeMs + seen.idle - idle
    if (passedMs < lookMs) return isBusy
    ;({ idle, active } = seen)
    isBusy = activeMs >= busyShare * passedMs
    return isBusy
  }
}

export type GiveWay = ReturnType<typeof makeGiveWay>

/**
 * Events give way for `msMax` at most: a crowd that stays longer is no crowd but the usual, and all
 * that came meanwhile is carried at once. They may do so again when none waits and the crowd is gone.
 */
export const makeGiveWay = (options: {
  msMax: number
  /** Milliseconds of a clock that nobody sets. */
  now: () => number
  /** For the operator, who sees the outbox grow. */
  say: (what: string) => void
}) => {
  const { msMax, now, say } = options
  let heardAtMs = Number.NEGATIVE_INFINITY
  let beganAtMs: number | undefined
  const isCrowded = () => now() - heardAtMs <= freshMs
  return {
    /** The ledger said that it is busy. */
    heard() {
      heardAtMs = now()
    },
    isDue(): boolean {
      if (msMax === 0 || !isCrowded()) return false
      if (beganAtMs === undefined) say('events give way to a busy ledger')
      beganAtMs ??= now()
      return now() - beganAtMs < msMax
    },
    /** No event waits for longer than it must. */
    caughtUp() {
      if (beganAtMs === undefined || isCrowded()) return
      beganAtMs = undefined
      say('events have caught up')
    },
  }
}
