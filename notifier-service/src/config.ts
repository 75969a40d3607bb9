/** The notifier's configuration: every limit that an operator may turn has a name and a unit. */
import { address, commonConfig, list, parseConfig, port } from '@quits/kit/config'
import { z } from 'zod'

const atLeast = (least: number, otherwise: number) =>
  z.coerce.number().int().min(least).default(otherwise)

/** The database that the URL's path names, or `quits`. Several hosts make it no URL for `URL`. */
const databaseOf = (url: string) => /^[^/]+:\/\/[^/]+\/([^?/]+)/.exec(url)?.[1] ?? 'quits'

const webOrigin = (url: string) => new URL(url).origin

const shape = {
  ...commonConfig,
  HTTP_PORT: port,
  KAFKA_URL: z.string().min(1),
  MONGO_URL: z.string().regex(/^mongodb(\+srv)?:\/\//, 'must be a mongodb:// URL'),
  REDIS_URL: z.string().regex(/^rediss?:\/\//, 'must be a redis:// URL'),
  IDENTITY_ADDRESS: address,
  PUBLIC_URL: z.url(),
  ALLOWED_ORIGINS: list.pipe(z.array(z.url())).optional(),
  BOOKS_PARTITIONS: atLeast(1, 6),
  USERS_PARTITIONS: atLeast(1, 3),
  /** How long a killed notifier keeps its share of the events from the others. */
  KAFKA_SESSION_MS: atLeast(6_000, 10_000),
  FEED_PING_MS: atLeast(20, 25_000),
  FEED_PONG_MS: atLeast(20, 10_000),
  FEED_CONNECT_MS: atLeast(20, 10_000),
  FEED_STALL_MS: atLeast(20, 10_000),
  FEED_SOCKETS_PER_USER_MAX: atLeast(1, 10),
  FEED_SOCKETS_PER_ADDRESS_MAX: atLeast(1, 200),
  FEED_SOCKETS_MAX: atLeast(1, 15_000),
  /** Feeds that stay in memory after their last device has left: 40 to 80 KB each. */
  FEED_KEPT_FEEDS_MAX: atLeast(0, 1_000),
  FEED_RETENTION_DAYS: atLeast(1, 90),
  /** How often every feed is compared with the journal. */
  FEED_RECONCILE_HOURS: z.coerce.number().int().min(1).max(480).default(24),
}

export type Config = ReturnType<typeof readConfig>

/** Reads the environment; throws a ConfigError that names every fault. */
export const readConfig = (env: Record<string, string | undefined>) => {
  const { PUBLIC_URL, ALLOWED_ORIGINS, ...rest } = parseConfig(env, shape)
  return {
    ...rest,
    mongoDatabase: databaseOf(rest.MONGO_URL),
    /** Exact origins that may open a feed; the front door's own is always among them. */
    origins: new Set([PUBLIC_URL, ...(ALLOWED_ORIGINS ?? [])].map(webOrigin)),
  }
}
