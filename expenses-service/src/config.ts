/** What expenses-service reads from its environment. Pure; every fault is named at once. */
import { commonConfig, ConfigError, list, parseConfig, port } from '@quits/kit/config'
import { z } from 'zod'
import { limits } from './limits.ts'

const keyBytes = 32
const isKey = (text: string) =>
  /^[\w-]+$/.test(text) && Buffer.from(text, 'base64url').length === keyBytes
const key = z.string().refine(isKey, 'must be 32 bytes in base64url')
const toBytes = (text: string) => Buffer.from(text, 'base64url')

/** `host:port[,host:port…]`, as the Kafka client takes it. */
const brokers = z.string().regex(/^[^\s,:]+:\d{1,5}(,[^\s,:]+:\d{1,5})*$/, 'must be host:port[,…]')

const whole = (from: number, to: number) => z.coerce.number().int().min(from).max(to)
const publicUrl = z
  .url({ protocol: /^https?$/ })
  .transform((text) => new URL(text))
  .refine((url) => url.pathname === '/' && url.search === '', 'must be an origin without a path')

const shape = {
  ...commonConfig,
  HTTP_PORT: port,
  /** `quits.ledger.v1.Ledger`, which asks every caller for a token. */
  GRPC_PORT: port,
  /**
   * Journal and Identity, which take no token and tell of everybody. As METRICS_PORT, bind it to an
   * address that only our own services reach.
   */
  INTERNAL_GRPC_PORT: port,
  POSTGRES_URL: z.string().min(1),
  POSTGRES_CONNECTIONS_MAX: whole(4, 200).default(12),
  /** Turns of the ledger's writer at once, each on a connection of its own. */
  WRITER_TURNS: whole(1, 8).default(2),
  KAFKA_URL: brokers,
  /** How long events may be held back while the ledger's thread is short of time; 0: not at all. */
  EVENTS_GIVE_WAY_SECONDS: whole(0, 3_600).default(60),
  RABBITMQ_URL: z.string().min(1),
  /** Where people reach Quits: cookies and the origin check follow from it. */
  PUBLIC_URL: publicUrl,
  /** Codes, refresh tokens and invitations are derived under keys made from it. */
  QUITS_SECRET: z.string().min(32, 'must have at least 32 characters'),
  /** Ed25519 seeds. The first signs; all verify, so that a key can be replaced without a sign-out. */
  QUITS_SIGNING_KEYS: list
    .pipe(z.array(key).max(2, 'must be one key or two'))
    .transform((keys) => keys.map(toBytes)),
  QUITS_JOBS_KEY: key.transform(toBytes),
  QUITS_SIGNUP: z.enum(['open', 'invite', 'closed']).default('open'),
  ACCESS_TOKEN_SECONDS: whole(60, 3_600).default(900),
  REFRESH_DAYS: whole(1, 365).default(30),
  /** However often it is refreshed, a session ends this long after it began. */
  SESSION_DAYS_MAX: whole(1, 3_650).default(365),
  CODE_MINUTES: whole(1, 60).default(10),
  /** Sign-in requests of one address; a whole office may share one. */
  SIGN_IN_PER_ADDRESS_PER_HOUR: whole(10, 100_000).default(600),
  /** New addresses that one person may ask to a debt or invite per day. */
  FIRST_CONTACTS_PER_DAY: whole(1, 100_000).default(limits.firstContactsPerDay),
}

export type Config = ReturnType<typeof readConfig>

/** Throws a ConfigError. In production, secrets that look made up and plain http are faults too. */
export const readConfig = (env: Record<string, string | undefined>) => {
  const config = parseConfig(env, shape)
  if (config.NODE_ENV !== 'production') return config
  const faults: string[] = []
  if (looksMadeUp(config.QUITS_SECRET)) faults.push('QUITS_SECRET: is a placeholder')
  if (config.QUITS_SIGNING_KEYS.some(isUniform)) faults.push('QUITS_SIGNING_KEYS: is a placeholder')
  if (isUniform(config.QUITS_JOBS_KEY)) faults.push('QUITS_JOBS_KEY: is a placeholder')
  if (config.PUBLIC_URL.protocol !== 'https:' && !isLoopback(config.PUBLIC_URL)) {
    faults.push('PUBLIC_URL: must be https')
  }
  if (faults.length === 0) return config
  throw new ConfigError(`Configuration is not usable:\n  ${faults.join('\n  ')}`)
}

const distinctMin = 10
const looksMadeUp = (secret: string) =>
  new Set(secret).size < distinctMin || /change.?me|example|placeholder|password/i.test(secret)
const isUniform = (bytes: Buffer) => new Set(bytes).size < distinctMin

const isLoopback = (url: URL) =>
  /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname) ||
  url.hostname.endsWith('.localhost')
