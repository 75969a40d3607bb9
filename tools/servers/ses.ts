// Mail in development: our own small server that speaks SES v2 and shows what arrived.
import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Server } from '../launcher/part.ts'
import { nodeFlags, nodeProgram } from '../launcher/node-flags.ts'

const entry = fileURLToPath(new URL('../ses-dev/main.ts', import.meta.url))

export const ses: Server = {
  name: 'ses',
  variable: 'SES_URL',
  readyWithinMs: 30_000,
  ways: [
    {
      how: 'provisioned',
      look: async () => ({ possible: true, note: 'development inbox of this repository' }),
      async prepare(here) {
        return async () => {
          const port = await here.ports.claim('ses')
          mkdirSync(here.dataDir, { recursive: true })
          here.say('starting')
          const main = await here.spawn({
            name: 'ses',
            command: nodeProgram(),
            args: [...nodeFlags({ heapMb: 48 }), entry],
            env: { SES_DEV_PORT: String(port), SES_DEV_FOLDER: here.dataDir },
          })
          return { url: `http://127.0.0.1:${port}`, main }
        }
      },
    },
  ],
  async ask(url) {
    // A server of somebody else's need not have our health route: any answer will do.
    const answer = await fetch(new URL('/health', url))
    await answer.body?.cancel()
  },
}
