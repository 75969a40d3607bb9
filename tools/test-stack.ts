// Global set-up of the `e2e` project: the whole stack on empty servers of its own, and a browser.
// Tests find them as QUITS_URL, QUITS_INBOX and CHROMIUM in the environment.
import { join } from 'node:path'
import { provideChromium } from './chromium.ts'
import { cacheFolder, makeCache } from './launcher/cache.ts'
import { repoDir } from './launcher/node-flags.ts'
import { startStack } from './launcher/stack.ts'

export default async function setUpStack(): Promise<() => Promise<void>> {
  const cache = makeCache(cacheFolder(process.env))
  const browser = provideChromium(cache, (doing) => console.log(`  browser     ${doing}`))
  browser.catch(() => undefined) // awaited below, when the stack is there to be stopped
  const dataDir = join(repoDir, '.data', 'e2e')
  const env = { ...process.env }
  delete env['QUITS_PORT'] // it may belong to a stack that a person runs meanwhile
  const stack = await startStack({ dataDir, env, fresh: true, ownServers: true })
  try {
    process.env['CHROMIUM'] = await browser
  } catch (error) {
    await stack.stop()
    throw error
  }
  process.env['QUITS_URL'] = stack.url
  process.env['QUITS_INBOX'] = stack.inbox
  return stack.stop
}
