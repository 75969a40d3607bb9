/**
 * When events give way to those who ask. What carries an event, stores it and shows it takes the time
 * of the same machine, and a ledger whose thread is short of it answers first and tells afterwards.
 */

/**
 * Of the time that passes. On two cores a ledger at its full rate, which shares them with Postgres, is at
 * work for 0.65 to 0.8 of it, and one at a third of that rate for 0.4 to 0.5.
 */
const busyShare = 0.6
const lookMs = 500
/** Of the mean: a burst, or the start of a service, is over before it counts. */
const memoryMs = 3_000
/** A crowd is gone when the ledger has not called itself busy for two looks. */
const freshMs = 1_000
/** Ten minutes without a crowd give back one minute of giving way. */
const refillShare = 0.1

/**
 * Returns what tells whether a thread is busy, by the mean of its latest seconds from the first question on.
 * `look` is its `performance.eventLoopUtilization`: milliseconds since it began.
 */
export const makeBusyness = (look: () => { idle: number; active: number }): (() => boolean) => {
  let last: ReturnType<typeof look> | undefined
  let mean = 0
  return () => {
    const seen = look()
    last ??= seen
    const activeMs = seen.active - last.active
    const passedMs = activeMs + seen.idle - last.idle
    if (passedMs >= lookMs) {
      last = seen
      mean += (1 - Math.exp(-passedMs / memoryMs)) * (activeMs / passedMs - mean)
    }
    return mean >= busyShare
  }
}

export type GiveWay = ReturnType<typeof makeGiveWay>

/**
 * Events give way for `msMax` in all, which calm times give back slowly: a crowd that stays longer, or
 * comes again and again, is no crowd but the usual. And none is held back any more that is as old as that,
 * whoever held it before: another process, or a broker that was away.
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
  let leftMs = msMax
  let askedAtMs = now()
  let gaveWay = false

  const spend = (isCrowded: boolean) => {
    const passedMs = now() - askedAtMs
    askedAtMs = now()
    leftMs += isCrowded ? -passedMs : refillShare * passedMs
    leftMs = Math.min(Math.max(leftMs, 0), msMax)
  }

  return {
    /** The ledger said that it is busy. */
    heard() {
      heardAtMs = now()
    },
    /** Nobody asks any more: what was held back may leave. */
    ended() {
      heardAtMs = Number.NEGATIVE_INFINITY
    },
    /** Asked before each message; `oldestMs` is how old the oldest event of the last one was. */
    isDue(oldestMs: number): boolean {
      const isCrowded = now() - heardAtMs <= freshMs
      spend(isCrowded)
      const gives = isCrowded && leftMs > 0 && oldestMs < msMax
      if (gives !== gaveWay) say(gives ? 'events give way to a busy ledger' : 'events go on')
      gaveWay = gives
      return gives
    },
  }
}
