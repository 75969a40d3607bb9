/** The front door's configuration, a pure function of an environment. */
import { address, commonConfig, list, parseConfig, port } from '@quits/kit/config'
import { z } from 'zod'

const origin = z.url({ protocol: /^https?$/ })

export type Config = ReturnType<typeof readConfig>

/** Throws a ConfigError that names every fault at once. */
export const readConfig = (env: Record<string, string | undefined>) =>
  parseConfig(env, {
    ...commonConfig,
    HTTP_PORT: port,
    /** gRPC of the throttler. */
    THROTTLER_ADDRESS: address,
    EXPENSES_URL: origin,
    /** One or several, comma-separated, over plain http: connections are spread over them. */
    NOTIFIER_URL: list.pipe(z.array(z.url({ protocol: /^http$/ })).max(64)),
    /** The built web app. It may appear after the start. */
    WEB_ROOT: z.string().min(1).default('web/dist'),
    /** What people type: tells services the scheme and the page's own origin. */
    PUBLIC_URL: origin,
    /** Proxies of ours in front of this one; 0 means that X-Forwarded-For is not believed. */
    TRUSTED_HOPS: z.coerce.number().int().min(0).max(5).default(0),
    /** 50 on a quiet network. */
    GATE_DEADLINE_MS: z.coerce.number().int().min(5).max(1_000).default(100),
    /** Processes behind the one port; a single one holds about 8,000 sockets. */
    WORKERS: z.coerce.number().int().min(1).max(64).default(2),
    /** How many front doors share the load; the insurance of each gives that part of the rate. */
    REPLICAS: z.coerce.number().int().min(1).max(1_000).default(1),
    BODY_BYTES_MAX: z.coerce.number().int().min(1_024).max(67_108_864).default(1_048_576),
    /** Silence of a service after which its answer is given up. */
    UPSTREAM_TIMEOUT_MS: z.coerce.number().int().min(10).max(60_000).default(10_000),
    /** A WebSocket whose client takes nothing for so long is closed. */
    CLIENT_STALL_MS: z.coerce.number().int().min(10).max(600_000).default(20_000),
  })
