import { setImmediate } from 'node:timers/promises'
import type { Connection, Pool } from '@quits/kit/postgres'
import { vi } from 'vitest'

/** A database whose lock is free; what has a name it answers with these rows. */
export const makeFreePool = (
  rowsOf: (name: string, values: unknown[]) => object[] = () => [],
): Pool => {
  const connection = {
    on: () => {},
    off: () => {},
    release: () => {},
    query: async (query: string | { name: string; values: unknown[] }) => ({
      rows: typeof query === 'string' ? [{ taken: true }] : rowsOf(query.name, query.values),
    }),
  } as unknown as Connection
  return { connect: async () => connection } as unknown as Pool
}

/**
 * It has rested, and waits for word: only this wait has a timer of the global kind, which must stand
 * still (`vi.useFakeTimers`).
 */
export const untilWaiting = async (): Promise<void> => {
  while (vi.getTimerCount() === 0) await setImmediate()
}
