// Starts the five services and keeps them running.
import { join } from 'node:path'
import type { Child } from './child.ts'
import type { House } from './house.ts'
import { nodeFlags, nodeProgram, repoDir } from './node-flags.ts'
import { waitUntilReady } from './readiness.ts'
import type { ServiceName } from './ready.ts'
import type { ServicePlan } from './service-plans.ts'
import { supervise } from './supervise.ts'
import type { Supervised } from './supervise.ts'

export type RunningServices = Record<ServiceName, Supervised>

const readyWithinMs = 60_000
// The front door first lets go of its callers, then the services finish what they have.
const graceMs = { proxy: 5_000, service: 8_000 }

/** All at once: each waits for what it needs by itself. */
export async function startServices(plans: ServicePlan[], house: House): Promise<RunningServices> {
  const started = plans.map(async (plan) => [plan.name, await startService(plan, house)] as const)
  return Object.fromEntries(await Promise.all(started)) as RunningServices
}

async function startService(plan: ServicePlan, house: House): Promise<Supervised> {
  const { name, folder, env, heapMb, addresses } = plan
  const progress = house.progress.part(name)
  const start = async (signal: AbortSignal): Promise<Child> => {
    const child = await house.spawn({
      name,
      command: nodeProgram(),
      args: [...nodeFlags({ heapMb }), join(folder, 'src', 'main.ts')],
      cwd: repoDir,
      env,
    })
    try {
      await waitUntilReady({
        part: name,
        child,
        withinMs: readyWithinMs,
        signal: AbortSignal.any([signal, house.signal]),
        ask: () => askReadiness(addresses.metrics),
      })
    } catch (error) {
      await child.stop('SIGKILL', 0)
      throw error
    }
    return child
  }
  progress.say('starting')
  const isProxy = name === 'proxy'
  const service = await supervise({
    name,
    start,
    stopSignal: 'SIGTERM',
    graceMs: isProxy ? graceMs.proxy : graceMs.service,
    say: (text) => house.progress.note(`  ${name}: ${text}`),
  })
  house.onStop(isProxy ? 'proxy' : 'services', service.stop)
  progress.ready(addresses.http ?? addresses.metrics)
  return service
}

/** Rejects with what the service says it still waits for. */
async function askReadiness(metricsUrl: string): Promise<void> {
  const answer = await fetch(new URL('/startupz', metricsUrl))
  const text = await answer.text()
  if (!answer.ok) throw new Error(`/startupz says ${answer.status} ${text.slice(0, 200)}`)
}
