/** Looks at every feed once in a while, mends what is wrong and says how much it was. */
import { scatteredMs } from '@quits/kit/backoff'
import { setTimeout as delay } from 'node:timers/promises'
import type { Log } from '@quits/kit/log'
import type { Part } from '@quits/kit/run'
import type { Journal } from './journal.ts'
import type { Figures } from './metrics.ts'
import type { Reconcile } from './reconcile.ts'

/** What is younger may still be on its way from the journal to the feed. */
const graceMs = 300_000
const idsLoggedMax = 20
const dayMs = 86_400_000
const hourMs = 3_600_000

/** The span in which a feed has to hold what the journal has. */
export const spanAt = (nowMs: number, retentionDays: number, pauseMs = graceMs) => ({
  // The oldest day is being swept.
  fromMs: nowMs - Math.max(1, retentionDays - 1) * dayMs,
  toMs: nowMs - pauseMs,
})

/**
 * One look at everybody; a feed that can't be looked at does not hold up the others. What was found
 * is told when everybody was met: a part of them says nothing about the rest.
 */
export const reconcileAll = async (options: {
  journal: Pick<Journal, 'readers'>
  reconcile: Reconcile
  retentionDays: number
  figures: Pick<Figures, 'missing' | 'mended' | 'uncompared'>
  now: () => number
  log: Log
  signal: AbortSignal
}): Promise<void> => {
  const { figures, log } = options
  let found = 0
  let failed = 0

  const look = async (userId: string) => {
    const span = spanAt(options.now(), options.retentionDays)
    const { how, ...faults } = await options.reconcile(userId, span, { mend: true })
    if (how === 'healthy') return
    const { missing, doubled, misnamed, holes } = faults
    found += missing.length + doubled.length + misnamed.length + holes.length
    figures.mended.inc()
    log.error(
      {
        userId,
        how,
        missing: missing.slice(0, idsLoggedMax),
        doubled: doubled.slice(0, idsLoggedMax),
        misnamed: misnamed.slice(0, idsLoggedMax),
        holes: holes.slice(0, idsLoggedMax),
      },
      'a feed was not what the journal says',
    )
  }

  try {
    for await (const userId of options.journal.readers()) {
      if (options.signal.aborted) return
      await look(userId).catch((error: unknown) => {
        failed += 1
        log.warn({ err: error, userId }, 'feed not compared')
      })
    }
  } catch (error) {
    // The list of people broke off: nobody knows how many more there are.
    figures.uncompared.set(failed + 1)
    throw error
  }
  figures.uncompared.set(failed)
  if (failed === 0) figures.missing.set(found)
}

export const makeReconcilePart = (
  options: Omit<Parameters<typeof reconcileAll>[0], 'signal'> & { everyHours: number },
): Part => ({
  name: 'reconcile',
  async run(signal) {
    const everyMs = options.everyHours * hourMs
    while (!signal.aborted) {
      // Several processes look at different times, and none right after its start.
      const waitMs = scatteredMs(everyMs, Math.random())
      await delay(waitMs, undefined, { signal }).catch(() => undefined)
      if (signal.aborted) return
      await reconcileAll({ ...options, signal }).catch((error: unknown) => {
        options.log.warn({ err: error }, 'feeds not compared; tried again next time')
      })
    }
  },
})
