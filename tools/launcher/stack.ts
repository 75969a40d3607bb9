// What other programs start: the servers alone, or the whole of Quits.
import type { House } from './house.ts'
import type { ServerName } from './part.ts'
import { writeReady } from './ready.ts'
import type { RunningServers } from './servers.ts'
import { startServers } from './servers.ts'

/** Starts the servers and writes ready.json without services. */
export async function startServersOnly(house: House): Promise<RunningServers> {
  const servers = await startServers(house)
  const urls = urlsOf(servers)
  writeReady(house.dataDir, { inbox: urls.ses, services: {}, servers: urls })
  return servers
}

function urlsOf(servers: RunningServers): Record<ServerName, string> {
  const entries = Object.entries(servers).map(([name, { url }]) => [name, url])
  return Object.fromEntries(entries) as Record<ServerName, string>
}
