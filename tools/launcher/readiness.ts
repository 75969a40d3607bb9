// Waiting until something answers: asks again and again, within a bound, and gives up at once
// when the process behind it has ended.
import { setTimeout as delay } from 'node:timers/promises'
import type { Child } from './child.ts'
import { reasonOf, startFailure } from './failure.ts'

export interface Wait {
  part: string
  ask: () => Promise<void>
  withinMs: number
  child?: Child | undefined
  variable?: string
  signal: AbortSignal
}

const askEveryMs = 100
const askMsMax = 5_000

export async function waitUntilReady(wait: Wait): Promise<void> {
  const { part, ask, withinMs, child, variable, signal } = wait
  const named = variable === undefined ? { part, child } : { part, child, variable }
  const deadline = Date.now() + withinMs
  let last = 'it was never asked'
  let ended: string | undefined
  void child?.exited.then(({ code, signal: by }) => {
    ended = by === null ? `it ended with code ${code}` : `it was ended by ${by}`
  })
  while (Date.now() < deadline) {
    signal.throwIfAborted()
    if (ended !== undefined) throw startFailure({ ...named, reason: ended })
    try {
      await withTimeout(ask(), askMsMax)
      return
    } catch (error) {
      last = reasonOf(error)
    }
    await delay(askEveryMs)
  }
  const seconds = Math.round(withinMs / 1000)
  throw startFailure({ ...named, reason: `no answer within ${seconds} s (${last})` })
}

export async function withTimeout<T>(work: Promise<T>, ms: number): Promise<T> {
  const timer = new AbortController()
  const late = delay(ms, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`no answer within ${ms} ms`)
  })
  late.catch(() => undefined)
  try {
    return await Promise.race([work, late])
  } finally {
    timer.abort()
  }
}
