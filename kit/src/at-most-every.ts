/** Something worth saying that happens a thousand times a second is said once. */

/** Calls `act` with the first value and then at most once per `ms`; the rest is dropped. */
export const atMostEvery = <V>(ms: number, act: (value: V) => void): ((value: V) => void) => {
  let actedAtMs = Number.NEGATIVE_INFINITY
  return (value) => {
    const nowMs = performance.now()
    if (nowMs - actedAtMs < ms) return
    actedAtMs = nowMs
    act(value)
  }
}
