/** A cache with a bound on its entries and a life for each; the oldest entry leaves first. */

interface Entry<V> {
  value: V
  expiresAtMs: number
}

export type BoundedCache<V> = ReturnType<typeof makeBoundedCache<V>>

/** `now` is in Unix milliseconds and comes in, so that tests own the clock. */
export const makeBoundedCache = <V>(options: { entriesMax: number; now: () => number }) => {
  const entries = new Map<string, Entry<V>>()
  return {
    get(key: string): V | undefined {
      const entry = entries.get(key)
      if (entry === undefined) return undefined
      if (entry.expiresAtMs > options.now()) return entry.value
      entries.delete(key)
      return undefined
    },
    set(key: string, value: V, ttlMs: number): void {
      entries.delete(key)
      if (entries.size >= options.entriesMax) {
        for (const oldest of entries.keys()) {
          entries.delete(oldest)
          break
        }
      }
      entries.set(key, { value, expiresAtMs: options.now() + ttlMs })
    },
    delete(key: string): void {
      entries.delete(key)
    },
    deleteWhere(matches: (value: V) => boolean): void {
      for (const [key, entry] of entries) if (matches(entry.value)) entries.delete(key)
    },
    clear(): void {
      entries.clear()
    },
    get size(): number {
      return entries.size
    },
  }
}
