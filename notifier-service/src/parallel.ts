/** Bounded parallel work over a list. */

/** Pieces of at most `lengthMax`, in order. */
export const chunksOf = <T>(items: T[], lengthMax: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / lengthMax) }, (_, index) =>
    items.slice(index * lengthMax, (index + 1) * lengthMax),
  )

/**
 * Results of `act` in the order of `items`, at most `inFlightMax` at a time. Waits for everything
 * that was begun before it rejects, so that no work goes on behind its caller's back.
 */
export const inParallel = async <T, R>(
  items: T[],
  inFlightMax: number,
  act: (item: T) => Promise<R>,
): Promise<R[]> => {
  const results = new Map<number, R>()
  const waiting = items.entries()
  let failed = false
  const lane = async () => {
    for (const [index, item] of waiting) {
      if (failed) return
      try {
        results.set(index, await act(item))
      } catch (error) {
        failed = true
        throw error
      }
    }
  }
  const lanes = Array.from({ length: Math.min(inFlightMax, items.length) }, lane)
  const outcomes = await Promise.allSettled(lanes)
  const failure = outcomes.find((outcome) => outcome.status === 'rejected')
  if (failure !== undefined) throw failure.reason
  return items.flatMap((_, index) => {
    const result = results.get(index)
    return result === undefined ? [] : [result]
  })
}
