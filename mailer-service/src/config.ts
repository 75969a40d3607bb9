/** What the mailer reads from its environment. */
import { commonConfig, parseConfig } from '@quits/kit/config'
import { z } from 'zod'

const jobsKeyBytes = 32

export type MailerConfig = ReturnType<typeof mailerConfig>

/** Throws a ConfigError that names every variable at fault. */
export const mailerConfig = (env: Record<string, string | undefined>) =>
  parseConfig(env, {
    ...commonConfig,
    POSTGRES_URL: z.url(),
    RABBITMQ_URL: z.url(),
    /** Another endpoint than the region's own: a VPC endpoint, or the development inbox. */
    SES_URL: z.url().optional(),
    AWS_REGION: z.string().min(1).default('eu-central-1'),
    /** Opens the secrets in jobs; the same key as in expenses. */
    QUITS_JOBS_KEY: z
      .string()
      .transform((text) => Buffer.from(text, 'base64url'))
      .refine((key) => key.length === jobsKeyBytes, 'must be 32 bytes as base64url'),
    /** `ada@example.com` or `Quits <ada@example.com>`. */
    MAIL_FROM: z
      .string()
      .regex(
        /^(?:[^\s<>@]+@[^\s<>@]+|[^<>"\r\n]{1,60} <[^\s<>@]+@[^\s<>@]+>)$/,
        'must be an address',
      )
      .default('quits@localhost.test'),
    /** Jobs in hand at once; also the most repeats that one crash can cause. */
    MAIL_PREFETCH: z.coerce.number().int().min(1).max(256).default(16),
    /** The account's own rate: above it SES drops. */
    SEND_PER_SECOND: z.coerce.number().positive().max(10_000).default(14),
    MAIL_SENDS_KEPT_DAYS: z.coerce.number().int().min(1).max(3_650).default(30),
  })
