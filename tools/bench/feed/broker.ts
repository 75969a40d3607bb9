// The bench's side of the broker's own time.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { nodeProgram } from '../../launcher/node-flags.ts'
import type { Pace } from './pace.ts'

const program = fileURLToPath(new URL('broker-process.ts', import.meta.url))

/** Starts a process that measures the broker at `kafkaUrl` when asked. */
export async function startBroker(kafkaUrl: string) {
  const child = fork(program, [kafkaUrl], { execPath: nodeProgram() })
  const ended = once(child, 'exit')
  const answer = async (): Promise<unknown> => {
    const [word] = await Promise.race([
      once(child, 'message'),
      ended.then(() => Promise.reject(new Error('the process that measures the broker ended'))),
    ])
    return word
  }
  await answer()
  return {
    /** Produce → consume in milliseconds, one for each record, in steady state. */
    async times(pace: Pace): Promise<number[]> {
      const times = answer()
      child.send(pace)
      return (await times) as number[]
    },
    async stop(): Promise<void> {
      child.kill('SIGKILL')
      await ended.catch(() => undefined)
    },
  }
}
