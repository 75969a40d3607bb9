// Passwords and keys of one stack, drawn at its first start and kept readable by its owner only.
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { readRecord, writeJson } from './json-file.ts'

/** Returns the secret of that name: 32 random bytes in base64url, the same at each start. */
export type Secrets = (name: string) => string

export function makeSecrets(dataDir: string): Secrets {
  const file = join(dataDir, 'secrets.json')
  const kept = readRecord(file)
  return (name) => {
    const known = kept[name]
    if (typeof known === 'string') return known
    const drawn = drawSecret()
    kept[name] = drawn
    writeJson(file, kept)
    return drawn
  }
}

/** Never begins with a dash: some programs would take it for an option. */
function drawSecret(): string {
  for (;;) {
    const drawn = randomBytes(32).toString('base64url')
    if (!drawn.startsWith('-')) return drawn
  }
}
