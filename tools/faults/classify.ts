// What an ending of a call means for the caller. Anything that nobody classified fails a run.
import type { Ending } from './http-call.ts'

/**
 * `done`: durable. `definitive`: this call changed nothing and never will. `ambiguous`: it may have;
 * the same key settles it. `transient`: it was not let in; later it may be.
 */
export type Meaning = 'done' | 'definitive' | 'ambiguous' | 'transient' | 'unclassified'

const neverArrived = new Set(['ECONNREFUSED'])
const lostOnTheWay = new Set(['ECONNRESET', 'EPIPE', 'hung'])

export function meaningOf(ending: Ending): Meaning {
  if ('broken' in ending) {
    if (neverArrived.has(ending.broken)) return 'transient'
    return lostOnTheWay.has(ending.broken) ? 'ambiguous' : 'unclassified'
  }
  const { status, headers } = ending.reply
  if (status >= 200 && status < 300) return 'done'
  const later = headers['retry-after'] !== undefined
  if (status === 429) return later ? 'transient' : 'unclassified'
  if (status >= 400 && status < 500) return 'definitive'
  // A 503 says when to come back; any other 5xx is a fault that the service did not foresee.
  return status === 503 && later ? 'ambiguous' : 'unclassified'
}
