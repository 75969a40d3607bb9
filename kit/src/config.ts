/**
 * Configuration: a pure function of an environment that names every fault at once.
 * No service starts on a bad value, and none falls back in silence.
 */
import { z } from 'zod'

/** What every service reads; spread it into the service's own schema. */
export const commonConfig = {
  NODE_ENV: z.enum(['development', 'test', 'production']).default('production'),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  HOST: z.string().min(1).default('127.0.0.1'),
  METRICS_PORT: z.coerce.number().int().min(0).max(65_535),
  /** How long to keep serving after SIGTERM while load balancers look away. */
  DRAIN_MS: z.coerce.number().int().min(0).max(15_000).default(0),
  /** Names on the brokers start with this, so that environments can share them. */
  BROKER_PREFIX: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,40}$/)
    .default('quits'),
}

/** A TCP port to listen on; 0 lets the system choose, which tests use. */
export const port = z.coerce.number().int().min(0).max(65_535)

/** `host:port` of a gRPC server. */
export const address = z.string().regex(/^[^\s:]+:\d{1,5}$/, 'must be host:port')

/** Comma-separated list without empty members. */
export const list = z
  .string()
  .transform((text) => text.split(',').map((item) => item.trim()))
  .pipe(z.array(z.string().min(1)).min(1))

/** Thrown with one line per fault; `main` prints it and stops the process. */
export class ConfigError extends Error {
  override name = 'ConfigError'
}

/**
 * Reads `env` by `shape`. Throws a ConfigError that names every variable at fault. Values are
 * never repeated in the message: they may be secrets.
 */
export const parseConfig = <S extends z.ZodRawShape>(
  env: Record<string, string | undefined>,
  shape: S,
): z.infer<z.ZodObject<S>> => {
  const present = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  const result = z.object(shape).safeParse(present)
  if (result.success) return result.data
  const faults = result.error.issues.map((issue) => {
    const name = String(issue.path[0])
    return `  ${name}: ${present[name] === undefined ? 'is missing' : issue.message}`
  })
  throw new ConfigError(`Configuration is not usable:\n${[...new Set(faults)].join('\n')}`)
}

/** For `main`: what `read` answers, or the end of the process with its faults on stderr. */
export const configOrExit = <T>(read: () => T): T => {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    process.stderr.write(`${error.message}\n`)
    return process.exit(1)
  }
}
