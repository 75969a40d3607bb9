// Free ports, chosen once and kept: a bookmark of yesterday works today. A kept port that
// somebody else has taken meanwhile is replaced.
import { createServer } from 'node:net'
import { join } from 'node:path'
import { readRecord, writeJson } from './json-file.ts'

export interface Ports {
  /** The port kept under this name, or a new free one. */
  claim: (name: string) => Promise<number>
  /** The kept port, else the first free one from `preferred` on; `fixed` allows no other. */
  claimNear: (name: string, preferred: number, fixed: boolean) => Promise<number>
}

// Below the range from which systems take ports for outgoing connections.
const portMin = 20_000
const portMax = 29_999
const attemptsMax = 200

export function makePorts(dataDir: string, isFree: typeof canListen = canListen): Ports {
  const file = join(dataDir, 'ports.json')
  const kept = new Map<string, number>()
  for (const [name, port] of Object.entries(readRecord(file))) {
    if (typeof port === 'number') kept.set(name, port)
  }
  const claimed = new Map<number, string>()
  const keep = (name: string, port: number): number => {
    claimed.set(port, name)
    kept.set(name, port)
    writeJson(file, Object.fromEntries(kept))
    return port
  }
  const isUsable = async (port: number) => !claimed.has(port) && (await isFree(port))
  const keptIfFree = async (name: string) => {
    const port = kept.get(name)
    return port !== undefined && (await isUsable(port)) ? port : undefined
  }
  return {
    async claim(name) {
      // A part that comes back must come back where it was: the others know no other address.
      const held = kept.get(name)
      if (held !== undefined && claimed.get(held) === name) return held
      const port = await keptIfFree(name)
      if (port !== undefined) return keep(name, port)
      for (let attempt = 0; attempt < attemptsMax; attempt++) {
        const drawn = portMin + Math.floor(Math.random() * (portMax - portMin + 1))
        if (![...kept.values()].includes(drawn) && (await isUsable(drawn))) return keep(name, drawn)
      }
      throw new Error(`No free port found for ${name} between ${portMin} and ${portMax}`)
    },
    async claimNear(name, preferred, fixed) {
      if (fixed) {
        if (await isUsable(preferred)) return keep(name, preferred)
        throw new Error(`Port ${preferred} (QUITS_PORT) is taken by another program`)
      }
      const port = await keptIfFree(name)
      if (port !== undefined) return keep(name, port)
      for (let next = preferred; next < preferred + attemptsMax; next++) {
        if (await isUsable(next)) return keep(name, next)
      }
      throw new Error(`No free port found for ${name} from ${preferred} on`)
    },
  }
}

/** Whether this process could listen on 127.0.0.1:port right now. */
export function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      probe.close(() => resolve(true))
    })
  })
}
