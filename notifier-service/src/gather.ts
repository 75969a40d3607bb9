/**
 * Group commit: what comes while a call is on its way is the next call, whoever brings it. A call
 * begins at the end of the event-loop turn in which the first of it came, so that all partitions of
 * one answer of the broker are in it, and no timer delays anything.
 */

interface Waiting<T> {
  items: T[]
  resolve: () => void
  reject: (error: unknown) => void
}

/**
 * Returns `gather(items)`, which resolves when `act` has taken them; the order of one caller's items
 * is kept. One call of `act` runs at a time; when one that several share fails, each of them has a
 * call of its own, so that one caller's trouble is nobody else's. Every caller waits for its answer
 * before it brings more: that bounds what waits.
 */
export const makeGather = <T>(
  act: (items: T[]) => Promise<void>,
): ((items: T[]) => Promise<void>) => {
  let waiting: Waiting<T>[] = []
  let running = false

  const alone = async ({ items, resolve, reject }: Waiting<T>) => {
    try {
      await act(items)
      resolve()
    } catch (error) {
      reject(error)
    }
  }

  const together = async (callers: Waiting<T>[]) => {
    const [only] = callers
    if (only !== undefined && callers.length === 1) return alone(only)
    try {
      await act(callers.flatMap(({ items }) => items))
    } catch {
      // At once, because a store that is away makes each of them wait as long.
      await Promise.all(callers.map(alone))
      return
    }
    for (const { resolve } of callers) resolve()
  }

  const run = async () => {
    while (waiting.length > 0) {
      const callers = waiting
      waiting = []
      await together(callers)
    }
    running = false
  }

  return (items) =>
    new Promise((resolve, reject) => {
      waiting.push({ items, resolve, reject })
      if (running) return
      running = true
      setImmediate(() => void run())
    })
}
