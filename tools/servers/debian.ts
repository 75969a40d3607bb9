// Programs from the distribution's own archive, unpacked into the cache: no root, nothing
// installed. Works on Debian and its relatives.
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Cache } from '../launcher/cache.ts'
import { findProgram, runCommand } from '../launcher/command.ts'

export const missingDebian = 'needs a Debian-family Linux with apt-get and dpkg'

export function canUseDebian(): boolean {
  return findProgram('apt-get') !== undefined && findProgram('dpkg') !== undefined
}

/** The cache key of a set: another release or architecture is another set. */
export function debianKey(set: string): string {
  return `debian-${release()}-${process.arch}-${set}`
}

export interface DebianSet {
  name: string
  packages: string[]
  /**
   * Which of the packages they need are unpacked even where the system has them: those that look
   * for each other beside themselves. The rest is taken only where the system lacks it.
   */
  always?: RegExp
}

/** Unpacks packages and what they need beyond the installed system; returns the root folder. */
export function provideDebian(
  cache: Cache,
  { name, packages, always }: DebianSet,
  say: (doing: string) => void,
  adapt: (draft: string, home: string) => Promise<void> = async () => {},
): Promise<string> {
  return cache.provide(debianKey(name), say, async (draft, home) => {
    const apt = await refreshedApt(cache, say)
    const plan = ['-s', 'install', '--no-install-recommends', ...packages]
    const lacking = namesIn(await apt(plan, draft))
    const onEmptySystem = ['-oDir::State::status=/dev/null', ...plan]
    const whole = always === undefined ? [] : namesIn(await apt(onEmptySystem, draft))
    const wanted = whole.filter((needed) => always?.test(needed))
    const names = [...new Set([...packages, ...lacking, ...wanted])]
    say(`downloading ${names.length} Debian packages`)
    await apt(['download', ...names], draft)
    say(`unpacking ${names.length} Debian packages`)
    for (const file of readdirSync(draft).filter((entry) => entry.endsWith('.deb'))) {
      await runCommand('dpkg', ['-x', join(draft, file), draft])
      rmSync(join(draft, file))
    }
    await adapt(draft, home)
  })
}

const namesIn = (plan: string) =>
  plan.split('\n').flatMap((line) => /^Inst (\S+)/.exec(line)?.[1] ?? [])

/** The folders of an unpacked root where shared libraries may lie. */
export function libraryPath(root: string): string {
  const triplet = process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu'
  const folders = [`usr/lib/${triplet}`, `lib/${triplet}`, `usr/lib/${triplet}/pulseaudio`]
  return folders.map((folder) => join(root, folder)).join(':')
}

type Apt = (args: string[], cwd: string) => Promise<string>

let refreshing: Promise<Apt> | undefined

/** Package lists of our own, fetched once per process: the system's may be empty or stale. */
function refreshedApt(cache: Cache, say: (doing: string) => void): Promise<Apt> {
  refreshing ??= refresh(cache, say)
  refreshing.catch(() => {
    refreshing = undefined
  })
  return refreshing
}

async function refresh(cache: Cache, say: (doing: string) => void): Promise<Apt> {
  const lists = join(cache.folder, `apt-${process.pid}`, 'lists')
  const archives = join(cache.folder, `apt-${process.pid}`, 'cache')
  mkdirSync(join(lists, 'partial'), { recursive: true })
  mkdirSync(join(archives, 'archives', 'partial'), { recursive: true })
  process.once('exit', () => {
    rmSync(join(cache.folder, `apt-${process.pid}`), { recursive: true, force: true })
  })
  const options = [
    `-oDir::State::lists=${lists}`,
    `-oDir::Cache=${archives}`,
    '-oDebug::NoLocking=1',
    '-oAcquire::Retries=3',
  ]
  const apt: Apt = (args, cwd) =>
    runCommand('apt-get', [...options, ...args], { cwd, env: { LC_ALL: 'C' } })
  say('reading the Debian package lists')
  await apt(['update'], cache.folder)
  return apt
}

function release(): string {
  if (!existsSync('/etc/os-release')) return 'unknown'
  const facts = readFileSync('/etc/os-release', 'utf8')
  return (
    /^VERSION_CODENAME=(.+)$/m.exec(facts)?.[1] ??
    /^VERSION_ID="?([^"\n]+)/m.exec(facts)?.[1] ??
    'unknown'
  )
}
