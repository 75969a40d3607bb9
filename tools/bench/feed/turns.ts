// Bounded parallel work.

/** Calls `act` for 0 to `count` − 1, at most `inFlightMax` at a time; the first failure rejects. */
export async function inTurns(
  count: number,
  inFlightMax: number,
  act: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0
  const walk = async () => {
    while (next < count) {
      const index = next
      next += 1
      await act(index)
    }
  }
  await Promise.all(Array.from({ length: Math.min(inFlightMax, count) }, walk))
}
