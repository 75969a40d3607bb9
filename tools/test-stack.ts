// Global set-up of the `e2e` project: the whole stack on empty servers of its own, and a browser.
// Tests find them as QUITS_URL, QUITS_INBOX, QUITS_PIDS and CHROMIUM in the environment.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { provideChromium } from './chromium.ts'
import { cacheFolder, makeCache } from './launcher/cache.ts'
import { repoDir } from './launcher/node-flags.ts'
import { pidsFileOf } from './launcher/registry.ts'
import { startStack } from './launcher/stack.ts'

export default async function setUpStack(): Promise<() => Promise<void>> {
  const cache = makeCache(cacheFolder(process.env))
  const browser = provideChromium(cache, (doing) => console.log(`  browser     ${doing}`))
  browser.catch(() => undefined) // awaited below, when the stack is there to be stopped
  const dataDir = join(repoDir, '.data', 'e2e')
  const env = { ...process.env }
  delete env['QUITS_PORT'] // it may belong to a stack that a person runs meanwhile
  const serviceEnv = {
    throttler: { POLICY_FILE: writePolicies() },
    // On a busy machine an answer takes long; without it sign-ups from one address are few.
    proxy: { GATE_DEADLINE_MS: '1000' },
  }
  const stack = await startStack({ dataDir, env, fresh: true, ownServers: true, serviceEnv })
  try {
    process.env['CHROMIUM'] = await browser
  } catch (error) {
    await stack.stop()
    throw error
  }
  process.env['QUITS_URL'] = stack.url
  process.env['QUITS_INBOX'] = stack.inbox
  process.env['QUITS_PIDS'] = pidsFileOf(dataDir)
  return stack.stop
}

/** The limits as they ship, but for sign-ups: every person of every test comes from one address. */
function writePolicies(): string {
  const shipped = readFileSync(join(repoDir, 'throttler-service', 'policies.json'), 'utf8')
  const table = JSON.parse(shipped) as { policies: { name: string; capacity: number }[] }
  for (const policy of table.policies) if (policy.name === 'sign-in') policy.capacity = 300
  const file = join(repoDir, '.data', 'e2e-policies.json')
  mkdirSync(join(repoDir, '.data'), { recursive: true })
  writeFileSync(file, JSON.stringify(table))
  return file
}
