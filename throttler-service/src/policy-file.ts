/**
 * The policy file on disk: read at the start, looked at again every two seconds. Polling sees what
 * watching misses: a ConfigMap is changed by swapping a link. A file that is not usable is refused
 * and the last good one stays.
 */
import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { sleep } from '@quits/kit/backoff'
import type { Log } from '@quits/kit/log'
import type { Part } from '@quits/kit/run'
import { type Policies, parsePolicies } from './policy.ts'

const pollMs = 2_000

export interface PolicyFile extends Part {
  current(): Policies
  /** Changes with the content; shown as a metric. */
  version(): string
  /** Reads the file now. Returns what happened; never throws. */
  reload(): Promise<'same' | 'taken' | 'refused'>
}

const versionOf = (text: string) => hash('sha256', text, 'hex').slice(0, 12)

/** Throws when the first reading fails: no service starts without limits. */
export const openPolicyFile = (options: {
  path: string
  log: Log
  onReload?: (outcome: 'taken' | 'refused') => void
}): PolicyFile => {
  let text = readFileSync(options.path, 'utf8')
  let policies = parsePolicies(text)
  let refused: string | undefined

  const reload = async () => {
    let seen: string | undefined
    try {
      seen = await readFile(options.path, 'utf8')
      if (seen === text || seen === refused) return 'same'
      policies = parsePolicies(seen)
      text = seen
      refused = undefined
      options.log.info({ version: versionOf(text) }, 'new policies')
      options.onReload?.('taken')
      return 'taken'
    } catch (error) {
      // Complains once per content, and once while the file cannot be read at all.
      if (refused === (seen ?? '')) return 'same'
      refused = seen ?? ''
      options.log.error({ err: error }, 'policy file refused; the last good one stays')
      options.onReload?.('refused')
      return 'refused'
    }
  }

  return {
    name: 'policy file',
    current: () => policies,
    version: () => versionOf(text),
    reload,
    async run(signal) {
      while (!signal.aborted) {
        await sleep(pollMs, signal)
        await reload()
      }
    },
  }
}
