// `npm run bench -- NAME [--rounds N] [--seconds S] [--rows W1,W7] [--long]`: ratios measured side by
// side, data checked.
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { benchFeed, feedSections, feedSettings } from './bench/feed/feed.ts'
import { benchLedger, ledgerSections } from './bench/ledger/ledger.ts'
import { type Ground, openGround } from './bench/ground.ts'
import { meets, writeReport } from './bench/rows.ts'
import { defaultDataDir } from './launcher/house.ts'
import { untilAskedToStop } from './launcher/signals.ts'

const benches = {
  ledger: { run: benchLedger, sections: ledgerSections, settings: [] },
  feed: { run: benchFeed, sections: feedSections, settings: feedSettings },
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '10' },
    rows: { type: 'string' },
    long: { type: 'boolean', default: false },
    sockets: { type: 'string', default: '10000' },
  },
})
const [name = ''] = positionals
const bench = Object.hasOwn(benches, name) ? benches[name as keyof typeof benches] : undefined
const offered = bench?.sections.filter(({ long }) => !long || values.long) ?? []
const ids = new Map(offered.flatMap((one) => one.ids).map((id) => [id.toUpperCase(), id]))
const asked = values.rows?.split(',').map((id) => id.trim().toUpperCase()) ?? [...ids.keys()]
const rounds = Number(values.rounds)
const seconds = Number(values.seconds)
const sockets = Number(values.sockets)
if (
  bench === undefined ||
  asked.some((id) => !ids.has(id)) ||
  !(rounds > 0) ||
  !(seconds > 0) ||
  !(sockets > 0)
) {
  const those = ({ long }: { long: boolean }) =>
    bench?.sections.flatMap((one) => (one.long === long ? one.ids : [])).join(', ')
  console.error(`Usage: npm run bench -- ${Object.keys(benches).join('|')} \\
    [--rounds N] [--seconds S] [--rows ID,ID] [--long] [--sockets N (feed)]`)
  if (bench !== undefined) {
    console.error(`Rows: ${those({ long: false })}; with --long also ${those({ long: true })}`)
  }
  process.exit(2)
}
const wanted = new Set(asked.map((id) => ids.get(id)))
const dataDir = defaultDataDir(process.env)
let opened: Ground | undefined
const opening = openGround(join(dataDir, 'bench-ground'), bench.settings).then(
  (ground) => (opened = ground),
)
void untilAskedToStop(console.log, () => opened?.house.kill()).then(async () => {
  await (await opening).house.stop()
  process.exit(130)
})
const ground = await opening
let failed = true
try {
  const report = await bench.run(ground, {
    rounds,
    seconds,
    sockets,
    wants: (id) => wanted.has(id),
    say: (text) => console.log(`  ${text}`),
  })
  console.log(`\n${writeReport(join(dataDir, 'bench'), name, report)}`)
  failed = !report.valid || !report.rows.every(meets)
} finally {
  await ground.house.stop()
}
process.exit(failed ? 1 : 0)
