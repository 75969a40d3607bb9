// `npm run down`: stops the launcher of this clone, or ends what a killed one left behind.
import { setTimeout as delay } from 'node:timers/promises'
import { defaultDataDir, lockFileOf, openHouse } from './launcher/house.ts'
import { identityOf } from './launcher/identity.ts'
import { holderOf } from './launcher/lock.ts'
import { removeContainers } from './servers/docker.ts'

const stopMsMax = 30_000
const pollMs = 200

const dataDir = defaultDataDir(process.env)
const holder = holderOf(lockFileOf(dataDir))
if (holder === undefined) {
  console.log('No launcher runs here; looking for what one may have left.')
} else {
  console.log(`Stopping the launcher, process ${holder.pid} …`)
  process.kill(holder.pid, 'SIGTERM')
  for (let waitedMs = 0; waitedMs < stopMsMax; waitedMs += pollMs) {
    if (identityOf(holder.pid) !== holder.identity) break
    await delay(pollMs)
  }
  if (identityOf(holder.pid) === holder.identity) {
    console.log('It did not stop in time and is killed.')
    process.kill(holder.pid, 'SIGKILL')
    await delay(pollMs)
  }
}
// Opening the folder ends every leftover and says which; nothing is started.
const house = await openHouse({ dataDir })
await removeContainers(dataDir)
await house.stop()
console.log('Nothing of Quits runs in this clone.')
