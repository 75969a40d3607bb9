// The words shared by the launcher and the servers it can start.
import type { Cache } from './cache.ts'
import type { Child, Spawn } from './child.ts'
import type { Ports } from './ports.ts'
import type { Secrets } from './secrets.ts'

export const serverNames = ['postgres', 'redis', 'rabbitmq', 'kafka', 'mongo', 'ses'] as const
export type ServerName = (typeof serverNames)[number]

export type How = 'variable' | 'provisioned' | 'binary' | 'docker'

/** What a way of getting a server has to work with. */
export interface Surroundings {
  /** This server's own folder for its state. */
  dataDir: string
  /** The folder of the whole stack. */
  stackDir: string
  cache: Cache
  ports: Ports
  secrets: Secrets
  spawn: Spawn
  say: (doing: string) => void
  signal: AbortSignal
}

/** A server on its way up. */
export interface Started {
  url: string
  main: Child
  /** Companions that are stopped after the server itself. */
  also?: Child[]
  stopSignal?: NodeJS.Signals
}

export interface Sight {
  /** Whether this way can be taken here. */
  possible: boolean
  /** What was found, or what is missing and how to mend it. */
  note: string
}

/** One way of getting a server, in the order in which they are tried. */
export interface Way {
  how: Exclude<How, 'variable'>
  /** Looks without changing anything and without the network. */
  look: (cache: Cache) => Promise<Sight>
  /** Fetches what is missing; what it returns starts the server (again and again). */
  prepare: (here: Surroundings) => Promise<() => Promise<Started>>
}

export interface Server {
  name: ServerName
  /** The environment variable that names a server somebody else runs. */
  variable: string
  ways: Way[]
  /** Asks once, in the server's own protocol; rejects while it is not ready. */
  ask: (url: string) => Promise<void>
  readyWithinMs: number
  /** What a server of ours still needs after its first answer; repeated at each start. */
  settle?: (url: string) => Promise<void>
}
