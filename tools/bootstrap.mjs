// The first file of every `npm start`, `npm test` and `npm run …` of Quits. It runs on Node 20 and
// knows only two things: install what package-lock.json names, then run the command on the Node
// that came with it.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const commands = {
  start: () => import('./start.ts'),
  test: () => import('./test.ts'),
  down: () => import('./down.ts'),
  doctor: () => import('./doctor.ts'),
  demo: () => import('./demo.ts'),
  servers: () => import('./servers.ts'),
  faults: () => import('./faults.ts'),
  bench: () => import('./bench.ts'),
  feed: () => import('./feed.ts'),
  conformance: () => import('./conformance.ts'),
  verify: () => import('./verify.ts'),
}
const nodeMajorWanted = 26
const repo = fileURLToPath(new URL('..', import.meta.url))
const lockFile = join(repo, 'package-lock.json')
const stampFile = join(repo, 'node_modules', '.quits-lock-hash')
const hiddenLockFile = join(repo, 'node_modules', '.package-lock.json')

const [command = '', ...rest] = process.argv.slice(2)
if (!Object.hasOwn(commands, command)) {
  console.error(`Usage: npm run ${Object.keys(commands).join('|')}`)
  process.exit(2)
}
install()
await run(command, rest)

/** Runs npm ci unless node_modules holds exactly what the lockfile names. */
function install() {
  const hash = createHash('sha256').update(readFileSync(lockFile)).digest('hex')
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === hash) return
  if (!holdsWhatTheLockNames()) {
    console.log('Installing packages (npm ci); the first time this takes half a minute …')
    const started = Date.now()
    const { status } = spawnSync('npm', ['ci'], { cwd: repo, stdio: 'inherit' })
    if (status !== 0) {
      console.error('npm ci failed; its message is above.')
      process.exit(1)
    }
    console.log(`Packages are installed (${Math.round((Date.now() - started) / 1000)} s).`)
  }
  writeFileSync(stampFile, hash)
}

/** True after an npm ci by hand: npm's own record of the folder agrees with the lockfile. */
function holdsWhatTheLockNames() {
  if (!existsSync(hiddenLockFile)) return false
  const wanted = JSON.parse(readFileSync(lockFile, 'utf8')).packages
  const present = JSON.parse(readFileSync(hiddenLockFile, 'utf8')).packages
  const same = ([path, { version }]) => wanted[path]?.version === version
  const needed = ([path, entry]) => path === '' || entry.optional || entry.link || path in present
  return Object.entries(present).every(same) && Object.entries(wanted).every(needed)
}

/** In this process when it is the right Node already, else in a child that ends when we end. */
async function run(command, args) {
  const file = join(repo, 'tools', `${command}.ts`)
  if (Number(process.versions.node.split('.')[0]) >= nodeMajorWanted) {
    process.argv = [process.argv[0], file, ...args]
    await commands[command]()
    return
  }
  const node = join(repo, 'node_modules', '.bin', 'node')
  const bin = join(repo, 'node_modules', '.bin')
  const child = spawn(node, ['--disable-warning=ExperimentalWarning', file, ...args], {
    cwd: repo,
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    // The same PATH that npm run gives: every tool below finds this Node, not the machine's.
    env: { ...process.env, PATH: `${bin}:${process.env.PATH ?? ''}` },
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  watchParent(() => child.disconnect())
  child.on('exit', (code, signal) => process.exit(signal === null ? (code ?? 1) : 1))
  child.on('error', (error) => {
    console.error(`${node} did not start: ${error.message}. Remove node_modules and try again.`)
    process.exit(1)
  })
}

/** A killed npm passes no signal on; its disappearance is the signal. */
function watchParent(onOrphaned) {
  if (process.env.npm_lifecycle_event === undefined) return
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    onOrphaned()
  }, 1000)
  timer.unref()
}
