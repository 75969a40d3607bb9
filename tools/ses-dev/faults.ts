// Faults on demand, so that tests see how a sender bears them.
import { z } from 'zod'

export const faultModes = ['none', 'throttle', 'reject', 'slow', 'cut-after-accept'] as const
export type FaultMode = (typeof faultModes)[number]

const order = z.strictObject({
  mode: z.enum(faultModes),
  /** How many requests it strikes. */
  count: z.int().min(1).max(1_000_000).default(1_000_000),
  /** How long `slow` waits. */
  delayMs: z.int().min(0).max(60_000).default(2_000),
})

export interface Faults {
  /** Takes an order; the answer is a complaint, or nothing. */
  set: (body: unknown) => string | undefined
  /** What strikes this request, and how often it has struck. */
  next: () => { mode: FaultMode; delayMs: number }
  struck: () => number
}

export function makeFaults(): Faults {
  let current = order.parse({ mode: 'none' })
  let struck = 0
  return {
    set(body) {
      const parsed = order.safeParse(body)
      if (!parsed.success) return z.prettifyError(parsed.error)
      current = parsed.data
      struck = 0
      return undefined
    },
    next() {
      const { mode, delayMs } = current
      if (mode === 'none' || struck >= current.count) return { mode: 'none', delayMs: 0 }
      struck++
      return { mode, delayMs }
    },
    struck: () => struck,
  }
}
