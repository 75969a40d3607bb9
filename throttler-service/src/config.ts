/** The throttler's configuration, a pure function of an environment. */
import { address, commonConfig, parseConfig, port } from '@quits/kit/config'
import { z } from 'zod'

export type Config = ReturnType<typeof readConfig>

/** Throws a ConfigError that names every fault at once. */
export const readConfig = (env: Record<string, string | undefined>) =>
  parseConfig(env, {
    ...commonConfig,
    HTTP_PORT: port,
    GRPC_PORT: port,
    REDIS_URL: z.url({ protocol: /^rediss?$/ }),
    KAFKA_URL: z.string().min(1),
    /** gRPC of the identity authority. */
    IDENTITY_ADDRESS: address,
    JWKS_URL: z.url({ protocol: /^https?$/ }),
    POLICY_FILE: z.string().min(1).default('throttler-service/policies.json'),
    /** How many throttlers share the load; the insurance of each gives that part of the rate. */
    REPLICAS: z.coerce.number().int().min(1).max(1_000).default(1),
  })
