/**
 * The event relay in a thread of its own: what a message to the broker costs, for each of its events,
 * is beside the requests and not among them.
 */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { makeBusyness } from './give-way.ts'
import type { Relay } from './relay.ts'

/** What the thread is made of. */
export interface RelayPlan {
  postgresUrl: string
  kafkaBrokers: string
  brokerPrefix: string
  logLevel: string
  /** How long events give way to a busy ledger (`give-way.ts`). */
  giveWayMsMax: number
}

/** What the thread is told; `busy` wakes it as well. */
export type Word = 'wake' | 'busy' | 'stop'

/**
 * Ends once it is told to, after carrying what was committed before, for seconds at most; rejects if the
 * thread fails. `program`, which is a start of its own as `main` is, is another in tests, and so is
 * `isBusy`, which tells of the thread that wakes it.
 */
export const makeRelayThread = (
  plan: RelayPlan,
  program = new URL('./relay-worker.ts', import.meta.url),
  isBusy = makeBusyness(() => performance.eventLoopUtilization()),
): Relay => {
  let thread: Worker | undefined
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- only windows take one
  const tell = (word: Word) => thread?.postMessage(word)
  return {
    name: 'event relay',
    // One message for each turn of the writer: they are read as fast as they are sent.
    wake: () => tell(isBusy() ? 'busy' : 'wake'),
    async run(signal) {
      thread = new Worker(program, { workerData: plan })
      signal.addEventListener('abort', () => tell('stop'), { once: true })
      if (signal.aborted) tell('stop')
      // An error of the thread rejects this, too.
      const [code] = await once(thread, 'exit')
      if (code !== 0) throw new Error(`the thread of the event relay ended with code ${code}`)
    },
  }
}
