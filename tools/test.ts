// `npm test`: every check there is, one after the other, and one line of figures at the end.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { holderOf } from './launcher/lock.ts'
import { lockFileOf, openHouse } from './launcher/house.ts'
import { readJson } from './launcher/json-file.ts'
import { nodeProgram, repoDir } from './launcher/node-flags.ts'
import { add, exitCodeOf, lastLine, nothingYet, tallyOfCheck, tallyOfVitest } from './tally.ts'
import type { Tally } from './tally.ts'
import { untilAskedToStop } from './launcher/signals.ts'

const bin = (name: string) => join(repoDir, 'node_modules', '.bin', name)
const checks: { title: string; command: string[] }[] = [
  { title: 'Types', command: [bin('tsc'), '-p', 'tsconfig.json'] },
  { title: 'Types of the web app', command: [bin('tsc'), '-p', 'web/tsconfig.json'] },
  { title: 'Lint', command: [bin('oxlint'), '--type-aware', '--deny-warnings'] },
  { title: 'Format', command: [bin('biome'), 'format', '.'] },
  { title: 'Dead code', command: [bin('knip')] },
]
const suites = [
  { title: 'Unit tests', project: 'unit' },
  { title: 'Integration tests on real servers', project: 'int' },
  { title: 'Journeys through the whole stack in a browser', project: 'e2e' },
]
const endMsMax = 15_000

const reports = mkdtempSync(join(tmpdir(), 'quits-test-'))
let current: ChildProcess | undefined
let stopped = false

void untilAskedToStop(console.log, () => current?.kill('SIGKILL')).then(() => {
  stopped = true
  current?.kill('SIGTERM')
  setTimeout(() => current?.kill('SIGKILL'), endMsMax).unref()
})

let tally = nothingYet
for (const { title, command } of checks) {
  tally = add(tally, tallyOfCheck(await runStep(title, command)))
}
for (const { title, project } of suites) tally = add(tally, await runSuite(title, project))

// A vitest that was killed leaves its servers; this ends them, and nobody else's.
for (const folder of ['test', 'e2e', 'killed']) await sweep(join(repoDir, '.data', folder))
rmSync(reports, { recursive: true, force: true })
if (stopped) console.log('\nThe run was stopped before its end.')
console.log(`\n${lastLine(tally)}`)
process.exit(stopped ? 130 : exitCodeOf(tally))

async function runSuite(title: string, project: string): Promise<Tally> {
  const reportFile = join(reports, `${project}.json`)
  const exitCode = await runStep(title, [
    nodeProgram(),
    join(repoDir, 'node_modules', 'vitest', 'vitest.mjs'),
    'run',
    `--project=${project}`,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${reportFile}`,
  ])
  return tallyOfVitest(readJson(reportFile), exitCode)
}

/** Runs one program with our terminal; its exit code, or 1 when it was ended. */
function runStep(title: string, [command = '', ...args]: string[]): Promise<number> {
  if (stopped) return Promise.resolve(1)
  console.log(`\n── ${title} ${'─'.repeat(Math.max(0, 76 - title.length))}`)
  const startedAt = Date.now()
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: repoDir, stdio: ['ignore', 'inherit', 'inherit'] })
    current = child
    child.once('error', (error) => {
      console.log(error.message)
      resolve(1)
    })
    child.once('exit', (code) => {
      const seconds = ((Date.now() - startedAt) / 1000).toFixed(1)
      console.log(`${code === 0 ? 'passed' : 'FAILED'} after ${seconds} s`)
      resolve(code ?? 1)
    })
  })
}

async function sweep(dataDir: string): Promise<void> {
  if (holderOf(lockFileOf(dataDir)) !== undefined) return
  const house = await openHouse({ dataDir })
  await house.stop()
}
