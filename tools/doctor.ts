// `npm run doctor`: what was found where for each part, and what to do about what is missing.
import { statfs } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { lookForChromium } from './chromium.ts'
import { cacheFolder, makeCache } from './launcher/cache.ts'
import { askCommand } from './launcher/command.ts'
import { defaultDataDir, lockFileOf } from './launcher/house.ts'
import { readRecord } from './launcher/json-file.ts'
import { holderOf } from './launcher/lock.ts'
import { reasonOf } from './launcher/failure.ts'
import type { Server } from './launcher/part.ts'
import { canListen } from './launcher/ports.ts'
import { withTimeout } from './launcher/readiness.ts'
import { readReady } from './launcher/ready.ts'
import { allServers } from './launcher/servers.ts'
import { sightOfJava } from './servers/java.ts'

type Mark = 'ok' | '--' | '!!'

const cache = makeCache(cacheFolder(process.env))
const dataDir = defaultDataDir(process.env)
const freeGbWanted = 3
const answerMsMax = 5_000
const bytesPerGb = 1e9
let missing = 0

console.log('Quits on this machine: ok found, -- not here, !! needs you\n')
await describeGround()
console.log('\nServers: the first "ok" of each is the one that npm start takes')
for (const server of allServers) await describeServer(server)
console.log('\nFor npm test')
const browser = lookForChromium(cache)
tell(browser.possible ? 'ok' : '!!', 'browser', browser.note)
console.log('\nRunning now')
await describeRunning()
console.log(
  missing === 0
    ? '\nNothing is missing: npm start.'
    : `\n${missing} ${missing === 1 ? 'part needs' : 'parts need'} you; see the lines with !!.`,
)
process.exit(missing === 0 ? 0 : 1)

function tell(mark: Mark, part: string, note: string): void {
  if (mark === '!!') missing++
  console.log(`  ${mark}  ${part.padEnd(10)} ${note}`)
}

async function describeGround(): Promise<void> {
  tell('ok', 'node', `${process.version} runs Quits, from ${process.execPath}`)
  const npm = await askCommand('npm', ['--version'])
  tell(npm === undefined ? '!!' : 'ok', 'npm', npm?.trim() ?? 'not on PATH')
  const java = await sightOfJava(cache)
  tell(java.possible ? 'ok' : '--', 'java', `${java.note} (for Kafka)`)
  tell('ok', 'cache', `${cache.folder}${existsSync(cache.folder) ? '' : ' (not there yet)'}`)
  const disk = await statfs('.')
  const freeGb = (disk.bavail * disk.bsize) / bytesPerGb
  const note = `${freeGb.toFixed(1)} GB free here; ${freeGbWanted} GB are enough`
  tell(freeGb >= freeGbWanted ? 'ok' : '!!', 'disk', note)
}

async function describeServer(server: Server): Promise<void> {
  const given = process.env[server.variable]
  if (given) {
    const answer = withTimeout(server.ask(given), answerMsMax)
    const refusal = await answer.then(() => undefined, reasonOf)
    const note = `${server.variable} is set`
    tell(refusal ? '!!' : 'ok', server.name, refusal ? `${note}: ${refusal}` : `${note}, answers`)
    return
  }
  const sights = []
  for (const way of server.ways) sights.push({ how: way.how, ...(await way.look(cache)) })
  if (!sights.some(({ possible }) => possible)) {
    tell('!!', server.name, `set ${server.variable}, or mend one of these:`)
  }
  for (const { how, possible, note } of sights) {
    tell(possible ? 'ok' : '--', server.name, `${how}: ${note}`)
  }
}

async function describeRunning(): Promise<void> {
  const holder = holderOf(lockFileOf(dataDir))
  const ready = readReady(dataDir)
  if (holder === undefined) tell('--', 'quits', `no launcher runs in ${dataDir}`)
  else tell('ok', 'quits', `process ${holder.pid} at ${ready?.url ?? 'an address to come'}`)
  const kept = Object.entries(readRecord(`${dataDir}/ports.json`))
  if (holder !== undefined || kept.length === 0) return
  const taken = []
  for (const [name, port] of kept) {
    if (typeof port === 'number' && !(await canListen(port))) taken.push(`${name} ${port}`)
  }
  const note =
    taken.length === 0 ? 'the kept ones are free' : `taken, to be replaced: ${taken.join(', ')}`
  tell('ok', 'ports', note)
}
