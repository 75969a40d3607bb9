// What commands and tests start: the servers alone, or the whole of Quits.
import { claimAddresses } from './addresses.ts'
import { buildWeb } from './web-build.ts'
import { openHouse } from './house.ts'
import type { House, HouseOptions } from './house.ts'
import { migrate } from './migrate.ts'
import type { ServerName } from './part.ts'
import { writeReady } from './ready.ts'
import type { Ready, ServiceName } from './ready.ts'
import { allReady, allServers, startServers } from './servers.ts'
import type { RunningServers } from './servers.ts'
import { planServices } from './service-plans.ts'
import type { ServicePlan } from './service-plans.ts'
import { startServices } from './services.ts'
import type { RunningServices } from './services.ts'

/** Names the server variables that were set by a person and not by a test run. */
export const givenVariable = 'QUITS_GIVEN_SERVERS'

export interface Stack {
  /** The front door. */
  url: string
  /** The development inbox. */
  inbox: string
  ready: Ready
  servers: RunningServers
  services: RunningServices
  stop: () => Promise<void>
}

export interface StackOptions extends HouseOptions {
  /** Start own servers even where a test run has put addresses into the environment. */
  ownServers?: boolean
  /** Extra environment of single services, for tests. */
  serviceEnv?: Partial<Record<ServiceName, Record<string, string>>>
}

/** Starts the servers and writes ready.json without services. */
export async function startServersOnly(house: House): Promise<RunningServers> {
  const servers = await allReady(startServers(house))
  const urls = urlsOf(servers)
  writeReady(house.dataDir, { inbox: urls.ses, services: {}, servers: urls })
  return servers
}

/** Starts everything in a folder of its own. Rejects when a part fails, leaving nothing behind. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const env = options.env ?? process.env
  const house = await openHouse({ ...options, env: options.ownServers ? withoutLent(env) : env })
  try {
    return await startStackIn(house, options.serviceEnv)
  } catch (error) {
    await house.stop()
    throw error
  }
}

/** The same in a house that is already open; stopping it is the caller's. */
export async function startStackIn(
  house: House,
  serviceEnv: StackOptions['serviceEnv'] = {},
): Promise<Stack> {
  const at = await claimAddresses(house)
  const coming = startServers(house)
  const migrated = coming.postgres.then(({ url }) => migrate(url, house.secrets, house.progress))
  const built = buildWeb(house.progress, house.signal)
  const [servers] = await Promise.all([allReady(coming), migrated, built])

  const urls = urlsOf(servers)
  const told = { at, servers: urls, secrets: house.secrets, env: house.env }
  const plans = planServices(told)
  for (const plan of plans) Object.assign(plan.env, serviceEnv[plan.name])
  const services = await startServices(plans, house)
  const ready = { url: at.frontDoor, inbox: urls.ses, services: whereabouts(plans), servers: urls }
  writeReady(house.dataDir, ready)
  return { url: ready.url, inbox: ready.inbox, ready, servers, services, stop: house.stop }
}

/** The environment without server addresses that the test run put there for its tests. */
function withoutLent(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const given = env[givenVariable]?.split(',')
  if (given === undefined) return env
  const own: NodeJS.ProcessEnv = { ...env }
  for (const { variable } of allServers) if (!given.includes(variable)) delete own[variable]
  return own
}

function whereabouts(plans: ServicePlan[]): Ready['services'] {
  return Object.fromEntries(plans.map(({ name, addresses }) => [name, addresses]))
}

function urlsOf(servers: RunningServers): Record<ServerName, string> {
  const entries = Object.entries(servers).map(([name, { url }]) => [name, url])
  return Object.fromEntries(entries) as Record<ServerName, string>
}
