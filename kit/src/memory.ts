/** How a process that answers many small requests for a long time has its memory. */
import { setFlagsFromString } from 'node:v8'

/** What Node's own was before version 26.3, which has 65,536. */
const bufferPoolBytes = 8_192

/**
 * Per cent of what a full collection left that may come on top before the next one, and the new
 * generation besides. V8 by itself gives a small heap 30, and where little happens 8 MB: a notifier
 * collected everything every 40 s. Near the heap's bound it is half of what is left, as always.
 */
const heapGrowth = 60

/** What each thread has of its own. */
export const tuneThread = (): void => {
  // Small buffers are cut from a pool, and one that is kept keeps all of its pool.
  Buffer.poolSize = bufferPoolBytes
}

/** Call it before the work begins. */
export const tuneMemory = (): void => {
  tuneThread()
  // Where objects of one line of code once lived long, as all do while a start or a burst is slow, V8
  // makes those of that line in the old generation from then on: each of them, and all that it leads
  // to, waits for a full collection of everything.
  setFlagsFromString('--no-allocation-site-pretenuring')
  // Each full collection keeps two cores busy for a tenth of a second and more.
  setFlagsFromString(`--heap-growing-percent=${heapGrowth}`)
}
