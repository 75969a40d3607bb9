// `npm run servers [-- --data FOLDER]`: the backing servers alone, for tests and for services
// that are run by hand.
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { defaultDataDir } from './launcher/house.ts'
import { runCommandUntilStopped } from './launcher/foreground.ts'
import { startServersOnly } from './launcher/stack.ts'

const { values } = parseArgs({ options: { data: { type: 'string' } }, allowPositionals: true })
const dataDir = values.data === undefined ? defaultDataDir(process.env) : resolve(values.data)

await runCommandUntilStopped(async (house) => {
  const servers = await startServersOnly(house)
  console.log('\nThe servers are ready. Their addresses with passwords are in ready.json of')
  console.log(`  ${house.dataDir}`)
  console.log(`Inbox: ${servers.ses.url}\nCtrl-C stops them.`)
}, dataDir)
