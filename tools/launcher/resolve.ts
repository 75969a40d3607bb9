// Which way a server is had: its variable, then each way in its order. A way that cannot be
// prepared (no network, say) leaves the turn to the next one.
import { reasonOf, startFailure } from './failure.ts'
import type { How, Server, Started, Surroundings } from './part.ts'

export type Resolved =
  | { how: 'variable'; url: string; note: string }
  | { how: Exclude<How, 'variable'>; note: string; start: () => Promise<Started> }

export async function resolveServer(
  server: Server,
  env: NodeJS.ProcessEnv,
  here: Surroundings,
): Promise<Resolved> {
  const given = env[server.variable]
  if (given) return { how: 'variable', url: given, note: server.variable }
  const refusals: string[] = []
  for (const way of server.ways) {
    const sight = await way.look(here.cache)
    if (!sight.possible) {
      refusals.push(`${way.how}: ${sight.note}`)
      continue
    }
    try {
      const start = await way.prepare(here)
      // What was to be downloaded before is in the cache now.
      return { how: way.how, note: (await way.look(here.cache)).note, start }
    } catch (error) {
      here.signal.throwIfAborted()
      refusals.push(`${way.how}: ${reasonOf(error)}`)
      here.say(`cannot be ${way.how} here; trying the next way`)
    }
  }
  const reason = ['no way to get it works here', ...refusals].join('\n    ')
  throw startFailure({ part: server.name, reason, variable: server.variable })
}
