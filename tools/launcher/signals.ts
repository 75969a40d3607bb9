// How a launcher is told to stop: Ctrl-C, SIGTERM, a closed terminal, or the end of the process
// that started it. One keypress reaches us twice when npm passes it on, so signals within one
// second are one; a later one means now.
import { setTimeout as delay } from 'node:timers/promises'

const oneSignalMs = 1_000
const stopWithinMs = 25_000

/**
 * Resolves when the process is asked to stop, having printed why. Asked again later, it forces: what
 * still runs is killed, and the process ends.
 */
export function untilAskedToStop(print: (line: string) => void, force: () => void): Promise<void> {
  return new Promise((resolve) => {
    let askedAt: number | undefined
    const ask = (cause: string) => {
      if (askedAt === undefined) {
        askedAt = Date.now()
        print(`\nStopping (${cause}) …`)
        resolve()
      } else if (Date.now() - askedAt > oneSignalMs && cause.startsWith('SIG')) {
        print('Asked again: ending at once.')
        force()
        process.exit(130)
      }
    }
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => ask(signal))
    }
    process.once('disconnect', () => ask('its parent process ended'))
    watchParent(() => ask('npm ended'))
  })
}

/** Started by npm, a changed parent means that npm was killed without passing a signal on. */
function watchParent(onOrphaned: () => void): void {
  if (process.env['npm_lifecycle_event'] === undefined || process.channel !== undefined) return
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    onOrphaned()
  }, 1_000)
  timer.unref()
}

/** Runs the stop under one deadline and ends the process. */
export async function stopAndExit(stop: () => Promise<void>, code: number): Promise<never> {
  const late = delay(stopWithinMs, 'late' as const, { ref: false })
  const outcome = await Promise.race([stop().then(() => 'done' as const), late])
  if (outcome === 'late') console.log('Not everything stopped in time; the next start cleans up.')
  process.exit(outcome === 'late' ? 1 : code)
}
