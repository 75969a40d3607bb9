// A service of ours as a real process that can be killed, paused and brought back.
import { join } from 'node:path'
import type { House } from '../launcher/house.ts'
import { nodeFlags, nodeProgram, repoDir } from '../launcher/node-flags.ts'
import { waitUntilReady } from '../launcher/readiness.ts'
import { supervise, type Supervised } from '../launcher/supervise.ts'

const readyWithinMs = 60_000

export interface NodeProcessPlan {
  name: string
  /** The folder of the service in the repository. */
  folder: string
  heapMb: number
  metricsPort: number
  env: Record<string, string>
  /** How long SIGTERM may take before SIGKILL. */
  graceMs?: number
}

export interface NodeProcess {
  process: Supervised
  /** What the supervisor had to say: each is a death that nobody ordered. */
  deaths: string[]
}

/** Resolves when it is ready. The house stops it. */
export async function startNodeProcess(house: House, plan: NodeProcessPlan): Promise<NodeProcess> {
  const { name, folder, heapMb, metricsPort, env, graceMs = 8_000 } = plan
  const start = async (signal: AbortSignal) => {
    const child = await house.spawn({
      name,
      command: nodeProgram(),
      args: [...nodeFlags({ heapMb }), join(repoDir, folder, 'src', 'main.ts')],
      cwd: repoDir,
      env,
    })
    const ask = async () => {
      const answer = await fetch(`http://127.0.0.1:${metricsPort}/startupz`)
      await answer.arrayBuffer()
      if (!answer.ok) throw new Error(`/startupz says ${answer.status}`)
    }
    const stop = AbortSignal.any([signal, house.signal])
    try {
      await waitUntilReady({ part: name, child, withinMs: readyWithinMs, signal: stop, ask })
    } catch (error) {
      await child.stop('SIGKILL', 0)
      throw error
    }
    return child
  }
  const deaths: string[] = []
  const process = await supervise({
    name,
    start,
    stopSignal: 'SIGTERM',
    graceMs,
    say: (text) => deaths.push(`${folder} ${text}`),
  })
  house.onStop('services', process.stop)
  return { process, deaths }
}
