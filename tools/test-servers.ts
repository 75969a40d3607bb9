// Global set-up of the `int` project: the addresses of real servers in the environment. A running
// `npm run servers -- --data .data/test` is used as it is; otherwise they start here.
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { holderOf } from './launcher/lock.ts'
import { lockFileOf, openHouse } from './launcher/house.ts'
import { repoDir } from './launcher/node-flags.ts'
import type { ServerName } from './launcher/part.ts'
import { withTimeout } from './launcher/readiness.ts'
import { readReady } from './launcher/ready.ts'
import { allServers } from './launcher/servers.ts'
import { givenVariable, startServersOnly } from './launcher/stack.ts'

const answerMsMax = 5_000
const othersStartMsMax = 240_000
const pollMs = 500

export default async function setUpServers(): Promise<() => Promise<void>> {
  const dataDir = join(repoDir, '.data', 'test')
  const running = givenAny() ? undefined : await findRunning(dataDir)
  if (running !== undefined) {
    putIntoEnvironment(running)
    return async () => {}
  }
  const house = await openHouse({ dataDir })
  try {
    await startServersOnly(house)
  } catch (error) {
    await house.stop()
    throw error
  }
  putIntoEnvironment(readReady(dataDir)?.servers)
  return house.stop
}

/** With a server of the tester's own, the set is put together anew. */
const givenAny = () => allServers.some(({ variable }) => process.env[variable])

/** The servers of somebody who started them already, or who is about to have done so. */
async function findRunning(dataDir: string): Promise<Record<ServerName, string> | undefined> {
  for (let waitedMs = 0; waitedMs < othersStartMsMax; waitedMs += pollMs) {
    const ready = readReady(dataDir)
    if (ready !== undefined && (await allAnswer(ready.servers))) return ready.servers
    if (holderOf(lockFileOf(dataDir)) === undefined) return undefined
    await delay(pollMs)
  }
  return undefined
}

async function allAnswer(urls: Record<ServerName, string>): Promise<boolean> {
  try {
    const asked = allServers.map(({ name, ask }) => withTimeout(ask(urls[name]), answerMsMax))
    await Promise.all(asked)
    return true
  } catch {
    return false
  }
}

function putIntoEnvironment(urls: Record<ServerName, string> | undefined): void {
  if (urls === undefined) throw new Error('The test servers are not ready')
  // The variables a person set are told apart from ours: a whole stack started by a test
  // has servers of its own, except for those.
  const given = allServers.map(({ variable }) => variable).filter((name) => process.env[name])
  process.env[givenVariable] ??= given.join(',')
  for (const { name, variable } of allServers) process.env[variable] = urls[name]
}
