/**
 * So many at once and no more: a crowd that comes at one moment is served in the order in which it
 * came, at the pace of the store, instead of all of it waiting until nobody has an answer in time.
 */

/** More wait than may. */
export class CrowdedError extends Error {
  override name = 'CrowdedError'
}

/** Returns `pass(act)`, which settles as `act` does, once it had its turn. */
export const makeTurnstile = (options: { insideMax: number; waitingMax: number }) => {
  const waiting = new Set<() => void>()
  let inside = 0

  const enter = async (): Promise<void> => {
    if (inside < options.insideMax) {
      inside += 1
      return
    }
    if (waiting.size >= options.waitingMax) throw new CrowdedError(`${waiting.size} wait`)
    await new Promise<void>((resolve) => waiting.add(resolve))
  }

  /** The place goes to whoever came first, without being free in between. */
  const leave = (): void => {
    const [first] = waiting
    if (first === undefined) {
      inside -= 1
      return
    }
    waiting.delete(first)
    first()
  }

  return async <T>(act: () => Promise<T>): Promise<T> => {
    await enter()
    try {
      return await act()
    } finally {
      leave()
    }
  }
}
