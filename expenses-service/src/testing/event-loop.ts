import { setImmediate } from 'node:timers/promises'

/** Enough turns of the event loop for whatever waits for nothing else. */
export const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await setImmediate()
}
