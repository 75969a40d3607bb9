// Builds the web app when its sources have changed since the last time.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runCommand } from './command.ts'
import { reasonOf, startFailure } from './failure.ts'
import { waitForLock } from './lock.ts'
import { nodeProgram, repoDir } from './node-flags.ts'
import type { Progress } from './progress.ts'

const webDir = join(repoDir, 'web')
const stampDir = join(repoDir, 'node_modules', '.cache')
const stampFile = join(stampDir, 'quits-web-hash')
const notSources = new Set(['node_modules', 'dist', 'dist.draft', 'e2e'])
const buildMsMax = 240_000

export async function buildWeb(progress: Progress, signal: AbortSignal): Promise<void> {
  const part = progress.part('web')
  mkdirSync(stampDir, { recursive: true })
  const wait = () => part.say('waiting for another build of the web app')
  const lock = await waitForLock(join(stampDir, 'quits-web.lock'), wait, signal)
  try {
    const hash = hashOfSources()
    const built = existsSync(join(webDir, 'dist', 'index.html'))
    if (built && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === hash) {
      part.ready('built earlier from the same sources')
      return
    }
    part.say('building the web app')
    const vite = join(repoDir, 'node_modules', 'vite', 'bin', 'vite.js')
    const args = [vite, 'build', '--outDir', 'dist.draft', '--emptyOutDir', '--logLevel', 'warn']
    const env = { NODE_ENV: 'production' }
    await runCommand(nodeProgram(), args, { cwd: webDir, env, timeoutMs: buildMsMax })
    rmSync(join(webDir, 'dist'), { recursive: true, force: true })
    renameSync(join(webDir, 'dist.draft'), join(webDir, 'dist'))
    writeFileSync(stampFile, hash)
    part.ready('built')
  } catch (error) {
    throw startFailure({ part: 'the build of the web app', reason: reasonOf(error) })
  } finally {
    lock.release()
  }
}

/** Everything a build reads: the app's files and the locked versions of its packages. */
function hashOfSources(): string {
  const hash = createHash('sha256').update(readFileSync(join(repoDir, 'package-lock.json')))
  const walk = (folder: string) => {
    const entries = readdirSync(folder, { withFileTypes: true })
    for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      if (notSources.has(entry.name)) continue
      const path = join(folder, entry.name)
      if (entry.isDirectory()) walk(path)
      else if (entry.isFile()) hash.update(path.slice(repoDir.length)).update(readFileSync(path))
    }
  }
  walk(webDir)
  walk(join(repoDir, 'proto', 'src'))
  return hash.digest('hex')
}
