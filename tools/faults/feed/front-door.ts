// The real front door before one notifier, in this process; everybody is let through.
import { clientOf } from '../../../notifier-service/test/bench.ts'
import { startFrontDoor } from '../../../proxy/src/test-front-door.ts'
import type { Notifier } from './world.ts'

export type Door = Awaited<ReturnType<typeof startDoor>>

export async function startDoor({ port }: Notifier, env: Record<string, string> = {}) {
  const notifierUrl = { NOTIFIER_URL: `http://127.0.0.1:${port}` }
  const door = await startFrontDoor({ env: { ...notifierUrl, ...env } })
  return {
    people: clientOf(door.port),
    /** Sockets that it holds open. */
    sockets: () => door.metric('quits_proxy_upgrades'),
    stop: () => door.stop(),
  }
}
