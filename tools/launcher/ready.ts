// The file that tells programs where a running stack is: written when all of it is ready,
// removed when it stops.
import { readFileSync } from 'node:fs'
import { writeJson } from './json-file.ts'
import { readyFileOf } from './house.ts'
import type { ServerName } from './part.ts'

export const serviceNames = ['expenses', 'throttler', 'mailer', 'notifier', 'proxy'] as const
export type ServiceName = (typeof serviceNames)[number]

/** Where a service listens, as `host:port` for gRPC and as addresses for the rest. */
export interface ServiceAddresses {
  http?: string
  grpc?: string
  /** Not for programs of others: it asks nobody for a token. */
  internalGrpc?: string
  metrics: string
}

export interface Ready {
  /** The front door; absent when only the servers were started. */
  url?: string
  inbox: string
  services: Partial<Record<ServiceName, ServiceAddresses>>
  servers: Record<ServerName, string>
}

export function writeReady(dataDir: string, ready: Ready): void {
  writeJson(readyFileOf(dataDir), ready)
}

/** The file of a running stack, or `undefined` when none is ready. */
export function readReady(dataDir: string): Ready | undefined {
  try {
    return JSON.parse(readFileSync(readyFileOf(dataDir), 'utf8')) as Ready
  } catch {
    return undefined
  }
}
