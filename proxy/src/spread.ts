/**
 * Which notifier takes the next connection: the one that holds the fewest of ours. One that could
 * not be reached rests for a moment, unless all of them do. Any notifier serves anybody: tickets
 * and hints between them are in Redis, feeds in MongoDB.
 */
const restMs = 2_000

export interface Place {
  url: string
  /** The connection is over. */
  leave(): void
  /** There was nobody at this address. */
  failed(): void
}

export type Spread = ReturnType<typeof makeSpread>

/** `now` is in Unix milliseconds. */
export const makeSpread = (options: { urls: string[]; now: () => number }) => {
  // Ties go to the one that waited longest, so that brief requests are spread, too.
  const places = options.urls.map((url) => ({ url, open: 0, takenAt: 0, restUntilMs: 0 }))
  let taken = 0

  return {
    take(): Place {
      const nowMs = options.now()
      const awake = places.filter(({ restUntilMs }) => restUntilMs <= nowMs)
      const [place] = (awake.length > 0 ? awake : places).toSorted(
        (a, b) => a.open - b.open || a.takenAt - b.takenAt,
      )
      if (place === undefined) throw new Error('there is no notifier to choose from')
      taken += 1
      place.takenAt = taken
      place.open += 1
      return {
        url: place.url,
        leave() {
          place.open -= 1
        },
        failed() {
          place.restUntilMs = options.now() + restMs
        },
      }
    },
  }
}
