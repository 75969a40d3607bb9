// Keeps one process running: an exit that nobody asked for is followed by a new start, a little
// later each time; after too many in a row it is left alone and said so.
import { setTimeout as delay } from 'node:timers/promises'
import type { Child } from './child.ts'
import { reasonOf } from './failure.ts'

export interface Supervised {
  readonly pid: number | undefined
  readonly isRunning: boolean
  /** Sends a signal; after an exit by it the part stays down until `restart`. */
  kill: (signal: NodeJS.Signals) => Promise<void>
  /** Starts it again if it is down, and waits until it is ready. */
  restart: () => Promise<void>
  /** Sends a signal that does not end it (SIGSTOP, SIGCONT). */
  signal: (signal: NodeJS.Signals) => void
  stop: () => Promise<void>
}

export interface Plan {
  name: string
  /** Starts the process; rejects when it does not become ready. */
  start: (signal: AbortSignal) => Promise<Child>
  stopSignal: NodeJS.Signals
  graceMs: number
  /** The wait before the first new start; each further one is twice as long. */
  firstDelayMs?: number
  say: (text: string) => void
}

const restartsMax = 5
const delayMsMax = 8_000
/** One that ran this long has earned a fresh count. */
const settledAfterMs = 60_000

export async function supervise(plan: Plan): Promise<Supervised> {
  const { firstDelayMs = 500 } = plan
  const ending = new AbortController()
  const abort = ending.signal
  let child: Child | undefined
  let wanted = true
  let restarts = 0

  const watch = (started: Child) => {
    child = started
    const startedAt = Date.now()
    void started.exited.then(async ({ code, signal }) => {
      if (!wanted || abort.aborted || child !== started) return
      await started.stop('SIGKILL', 0) // what it left of its group
      if (Date.now() - startedAt > settledAfterMs) restarts = 0
      await revive(signal ?? `code ${code}`)
    })
  }

  const revive = async (cause: string): Promise<void> => {
    while (restarts < restartsMax) {
      const waitMs = Math.min(firstDelayMs * 2 ** restarts, delayMsMax)
      plan.say(`ended by ${cause}; starting it again in ${waitMs / 1000} s`)
      await delay(waitMs, undefined, { signal: abort }).catch(() => undefined)
      if (!wanted || abort.aborted) return
      restarts++
      try {
        watch(await plan.start(abort))
        plan.say('runs again')
        return
      } catch (error) {
        if (abort.aborted) return
        plan.say(reasonOf(error))
      }
    }
    plan.say(`ended ${restartsMax + 1} times in a row and is left alone; see its log`)
  }

  watch(await plan.start(abort))
  return {
    get pid() {
      return child?.isRunning() === true ? child.pid : undefined
    },
    get isRunning() {
      return child?.isRunning() ?? false
    },
    async kill(signal) {
      wanted = false
      await child?.stop(signal, signal === 'SIGKILL' ? 1_000 : plan.graceMs)
    },
    async restart() {
      // An exit that is asked for must not be followed by a start of its own beside ours.
      wanted = false
      if (child?.isRunning() === true) await child.stop(plan.stopSignal, plan.graceMs)
      wanted = true
      watch(await plan.start(abort))
    },
    signal: (signal) => child?.kill(signal),
    async stop() {
      wanted = false
      ending.abort()
      await child?.stop(plan.stopSignal, plan.graceMs)
    },
  }
}
