/**
 * The one lifecycle: everything that runs is `run(signal): Promise<void>`. Parts start in order,
 * stop in reverse order, one after the other, under one deadline. A part that ends or fails by
 * itself brings the process down: a half-alive service is worse than a restarted one.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { Health } from './health.ts'
import type { Log } from './log.ts'
import { tuneMemory } from './memory.ts'

export interface Part {
  name: string
  run(signal: AbortSignal): Promise<void>
}

/** From the first signal to the exit. Kubernetes allows 30 s. */
const stopMsMax = 25_000
/** A terminal sends a signal to the whole group and npm sends it again: both are one wish. */
const sameSignalMs = 1_000

interface Running {
  name: string
  stop: AbortController
  done: Promise<void>
}

/**
 * Runs `parts` until SIGTERM or SIGINT, or until one of them ends. Exits the process: 0 after a
 * clean stop, 1 when a part failed or the deadline passed. A second signal exits at once.
 */
export const runProcess = async (options: {
  parts: Part[]
  health: Health
  log: Log
  drainMs: number
}): Promise<never> => {
  const { log, health } = options
  tuneMemory()
  const first = Promise.withResolvers<{ why: string; failed: boolean }>()
  const running = options.parts.map((part): Running => {
    const stop = new AbortController()
    const done = part.run(stop.signal).then(
      () => first.resolve({ why: `${part.name} ended`, failed: true }),
      (error: unknown) => {
        log.error({ err: error, part: part.name }, 'part failed')
        first.resolve({ why: `${part.name} failed`, failed: true })
      },
    )
    return { name: part.name, stop, done }
  })
  hearSignals((name) => first.resolve({ why: name, failed: false }), log)

  const { why, failed } = await first.promise
  log.info({ why }, 'stopping')
  health.drain()
  const late = setTimeout(() => {
    log.error({}, 'did not stop in time')
    process.exit(1)
  }, stopMsMax)
  if (!failed) await delay(options.drainMs)
  await stopInReverse(running, log)
  clearTimeout(late)
  log.info({}, 'stopped')
  process.exit(failed ? 1 : 0)
}

const stopInReverse = async (running: Running[], log: Log) => {
  for (const part of running.toReversed()) {
    part.stop.abort()
    await part.done
    log.debug({ part: part.name }, 'part stopped')
  }
}

const hearSignals = (stop: (name: string) => void, log: Log) => {
  let heardAt = 0
  const hear = (name: string) => {
    const now = Date.now()
    if (heardAt !== 0 && now - heardAt > sameSignalMs) {
      log.warn({ signal: name }, 'second signal: leaving at once')
      process.exit(1)
    }
    if (heardAt === 0) heardAt = now
    stop(name)
  }
  process.on('SIGTERM', () => hear('SIGTERM'))
  process.on('SIGINT', () => hear('SIGINT'))
}
