// How the Node processes of a stack are started: small, because many share one machine.
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The root of the repository. */
export const repoDir = fileURLToPath(new URL('../../', import.meta.url))

/** The Node that npm brought, whichever one runs this file. */
export function nodeProgram(): string {
  const brought = join(repoDir, 'node_modules', '.bin', 'node')
  return existsSync(brought) ? brought : process.execPath
}

/** New objects have a part of it: too little and what lives a moment is moved to the old generation. */
const heapPerSemiSpace = 64
const semiSpaceMbMin = 2

/**
 * As many threads that help V8 to collect as there are cores besides the one at work, and at most the
 * four that Node has by itself: on two busy cores a collection waits for each of them.
 */
const helpersMax = 4
const helpers = Math.max(1, Math.min(helpersMax, availableParallelism() - 1))
export const v8Helpers = [`--v8-pool-size=${helpers}`]

/** `heapMb` bounds the old generation of each thread. */
export function nodeFlags({ heapMb }: { heapMb: number }): string[] {
  return [
    // http-proxy still calls util._extend.
    '--disable-warning=DEP0060',
    '--disable-warning=ExperimentalWarning',
    ...v8Helpers,
    `--max-old-space-size=${heapMb}`,
    `--max-semi-space-size=${Math.max(semiSpaceMbMin, Math.floor(heapMb / heapPerSemiSpace))}`,
  ]
}
