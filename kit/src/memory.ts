/** How a process that answers many small requests for a long time has its memory. */
import { setFlagsFromString } from 'node:v8'

/** What was Node's own until version 26, which has 65,536. */
const bufferPoolBytes = 8_192

/** Call it before anything else runs. */
export const tuneMemory = (): void => {
  // Small buffers are cut from a pool, and one that is kept keeps all of its pool.
  Buffer.poolSize = bufferPoolBytes
  // Where objects of one line of code once lived long, as all do while a start or a burst is slow, V8
  // makes those of that line in the old generation from then on: each of them, and all that it leads
  // to, waits for a full collection of everything.
  setFlagsFromString('--no-allocation-site-pretenuring')
}
