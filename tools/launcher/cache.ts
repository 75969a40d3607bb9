// Downloads and built tools, kept per user and shared by clones, by version. What is there is
// whole: it is built in a folder of its own and renamed when done.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { waitForLock } from './lock.ts'

export interface Cache {
  folder: string
  has: (key: string) => boolean
  /**
   * The folder of that key, built once. `build` gets the folder to fill and the path where its
   * content will live, for programs that remember their own path.
   */
  provide: (
    key: string,
    say: (doing: string) => void,
    build: (draft: string, home: string) => Promise<void>,
  ) => Promise<string>
}

/** `QUITS_CACHE_DIR`, else the platform's cache folder for this user. */
export function cacheFolder(env: NodeJS.ProcessEnv): string {
  if (env['QUITS_CACHE_DIR']) return env['QUITS_CACHE_DIR']
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'quits')
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'quits')
}

export function makeCache(folder: string): Cache {
  return {
    folder,
    has: (key) => existsSync(join(folder, key)),
    async provide(key, say, build) {
      const home = join(folder, key)
      if (existsSync(home)) return home
      const lock = await waitForLock(join(folder, `${key}.lock`), ({ pid }) =>
        say(`waiting for process ${pid}, which is fetching the same`),
      )
      try {
        if (existsSync(home)) return home
        // A name of its own: what an earlier, killed build still writes cannot get in here.
        removeDrafts(folder, key)
        const draft = `${home}${draftMark}${process.pid}`
        mkdirSync(draft, { recursive: true })
        await build(draft, home)
        renameSync(draft, home)
        return home
      } finally {
        lock.release()
      }
    },
  }
}

const draftMark = '.draft.'

function removeDrafts(folder: string, key: string): void {
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(`${key}${draftMark}`)) continue
    rmSync(join(folder, name), { recursive: true, force: true })
  }
}
