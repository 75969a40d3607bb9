// `npm run bench -- ledger [--rounds N] [--seconds S]`: ratios measured side by side, data checked.
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { benchLedger } from './bench/ledger/ledger.ts'
import { openGround } from './bench/ground.ts'
import { meets, writeReport } from './bench/rows.ts'
import { defaultDataDir } from './launcher/house.ts'

const benches = { ledger: benchLedger }

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '10' },
  },
})
const [name = ''] = positionals
if (!Object.hasOwn(benches, name)) {
  console.error(
    `Usage: npm run bench -- ${Object.keys(benches).join('|')} [--rounds N] [--seconds S]`,
  )
  process.exit(2)
}
const dataDir = defaultDataDir(process.env)
const ground = await openGround(join(dataDir, 'bench-ground'))
let failed = true
try {
  const report = await benches[name as keyof typeof benches](ground, {
    rounds: Number(values.rounds),
    seconds: Number(values.seconds),
    say: (text) => console.log(`  ${text}`),
  })
  console.log(`\n${writeReport(join(dataDir, 'bench'), name, report)}`)
  failed = !report.valid || !report.rows.every(meets)
} finally {
  await ground.house.stop()
}
process.exit(failed ? 1 : 0)
