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
/** Of the mean: a burst is over before it counts, and a crowd counts before it has made work for half a minute. */
const memoryMs = 1_500
/** Whoever is just started is busy with itself. */
const startMs = 3_000
/**
 * A crowd is gone when the ledger has not called itself busy for so long. It also waits for Postgres, and is
 * idle meanwhile: after one second its events went on in the midst of it, and came as a backlog.
 */
const freshMs = 3_000
/**
 * A crowd's message has so many events, and as many for each millisecond for which its oldest has waited: a
 * thousand a second. What waited for a broker has fewer, and few are no burden.
 */
const crowdEventsMin = 128
const crowdEventsPerMs = 1
/** Ten minutes in which the ledger is not busy give back one minute of giving way. */
const refillShare = 0.1

/**
 * Returns what tells whether a thread is busy, by the mean of its latest seconds. It starts with the first
 * question. `look` is its `performance.eventLoopUtilization`: milliseconds since it began.
 */
export const makeBusyness = (look: () => { idle: number; active: number }): (() => boolean) => {
  let last: ReturnType<typeof look> | undefined
  let hasStarted = false
  let mean = 0
  return () => {
    const seen = look()
    last ??= seen
    const activeMs = seen.active - last.active
    const passedMs = activeMs + seen.idle - last.idle
    if (passedMs >= (hasStarted ? lookMs : startMs)) {
      last = seen
      if (hasStarted) mean += (1 - Math.exp(-passedMs / memoryMs)) * (activeMs / passedMs - mean)
      hasStarted = true
    }
    return mean >= busyShare
  }
}

export type GiveWay = ReturnType<typeof makeGiveWay>

/** What left with one message to the broker. */
export interface Left {
  events: number
  /** For how long the oldest of them had waited. */
  oldestMs: number
}

const isOfCrowd = ({ events, oldestMs }: Left) =>
  events >= Math.max(crowdEventsMin, crowdEventsPerMs * oldestMs)

/**
 * Events of a crowd give way for `msMax` in all, which calm times give back slowly: a crowd that stays longer, or
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

  const spend = (share: number) => {
    const passedMs = now() - askedAtMs
    askedAtMs = now()
    leftMs -= share * passedMs
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
    /** Asked before each message, with the last one. */
    isDue(last: Left): boolean {
      const isBusy = now() - heardAtMs <= freshMs
      const isCrowded = isBusy && (gaveWay || isOfCrowd(last))
      if (isCrowded) spend(1)
      else spend(isBusy ? 0 : -refillShare)
      const gives = isCrowded && leftMs > 0 && last.oldestMs < msMax
      if (gives !== gaveWay) say(gives ? 'events give way to a busy ledger' : 'events go on')
      gaveWay = gives
      return gives
    },
  }
}
