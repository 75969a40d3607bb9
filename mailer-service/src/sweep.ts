/** Forgets old sends: once at the start, then every hour, in small bounded deletes. */
import { sleep } from '@quits/kit/backoff'
import type { Log } from '@quits/kit/log'
import type { Part } from '@quits/kit/run'
import type { Store } from './store.ts'

const pauseMs = 3_600_000
const batchRowsMax = 1_000
const batchesMax = 100

export const makeSweep = (options: {
  store: Pick<Store, 'removeOlderThan'>
  keptDays: number
  log: Log
}): Part => {
  const round = async (signal: AbortSignal): Promise<number> => {
    let removed = 0
    for (let batch = 0; batch < batchesMax && !signal.aborted; batch += 1) {
      const rows = await options.store.removeOlderThan(options.keptDays, batchRowsMax)
      removed += rows
      if (rows < batchRowsMax) break
    }
    return removed
  }

  return {
    name: 'sweep',
    async run(signal) {
      while (!signal.aborted) {
        await round(signal).then(
          (removed) => options.log.info({ removed }, 'old sends forgotten'),
          // The next round is soon enough: nobody waits for it.
          (error: unknown) => options.log.warn({ err: error }, 'old sends not forgotten'),
        )
        await sleep(pauseMs, signal)
      }
    },
  }
}
