/** Redis connections that fail fast: a caller with an insurance must not wait in a queue. */
import { Redis } from 'ioredis'
import type { Log } from './log.ts'
import { makeCommandsForgettable } from './redis-commands.ts'

const commandMsDefault = 250

/**
 * Never queues while offline; a command fails within `commandMs`, 250 unless told otherwise. Reconnects
 * by itself.
 */
export const makeRedis = (options: {
  url: string
  name: string
  log: Log
  commandMs?: number
}): Redis => {
  makeCommandsForgettable()
  const redis = new Redis(options.url, {
    connectionName: options.name,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    connectTimeout: 500,
    commandTimeout: options.commandMs ?? commandMsDefault,
    retryStrategy: (attempt) => Math.min(2_000, 50 * attempt),
  })
  redis.on('error', (error) => options.log.warn({ err: error }, 'Redis connection failed'))
  return redis
}

/**
 * For SUBSCRIBE: commands wait for the connection, subscriptions are made again after a reconnect.
 */
export const makeRedisSubscriber = (options: { url: string; name: string; log: Log }): Redis => {
  makeCommandsForgettable()
  const redis = new Redis(options.url, {
    connectionName: options.name,
    maxRetriesPerRequest: null,
    autoResubscribe: true,
    retryStrategy: (attempt) => Math.min(2_000, 50 * attempt),
  })
  redis.on('error', (error) => options.log.warn({ err: error }, 'Redis subscription failed'))
  return redis
}
