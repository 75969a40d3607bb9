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
  // A full collection keeps two cores busy for a tenth of a second. V8 begins it while a whole new
  // generation still fits below its limit, which is more than half of the room of a heap of 60 MB;
  // here it begins when two thirds of the room are used.
  setFlagsFromString('--incremental-marking-soft-trigger=65')
  setFlagsFromString('--incremental-marking-hard-trigger=80')
}
