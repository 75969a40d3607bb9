/** What goes into the users' routes and what comes out. */
import { z } from 'zod'
import { emailAddress } from './email.ts'

// Control and line characters forge lines in mails, bidirectional overrides forge names.
const readable = /^[^\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+$/u
const name = z.string().normalize('NFC').trim().min(1).max(80).regex(readable)
const locale = z
  .string()
  .max(35)
  .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'must be a BCP 47 language tag')
/** Length is all that is asked; rules of composition make passwords worse (NIST SP 800-63B). */
const newPassword = z.string().min(8).max(128)
const typedPassword = z.string().min(1).max(128)
const client = z.enum(['browser', 'app']).default('browser')
const refreshToken = z.string().min(1).max(256)

export const signUpBody = z.strictObject({
  name,
  email: emailAddress,
  password: newPassword.optional(),
  locale: locale.default('en'),
})

export const codeBody = z.strictObject({ email: emailAddress })

export const verifyBody = z.strictObject({
  email: emailAddress,
  code: z.string().regex(/^\d{8}$/, 'must be eight digits'),
  nonce: z.string().min(1).max(128),
  client,
})

export const loginBody = z.strictObject({ email: emailAddress, password: typedPassword, client })

export const refreshBody = z.strictObject({ refreshToken: refreshToken.optional() })

export const profileBody = z
  .strictObject({ name: name.optional(), locale: locale.optional() })
  .refine((body) => Object.keys(body).length > 0, 'must change something')

export const passwordBody = z.strictObject({
  password: newPassword,
  /** The present one, when there is one. */
  current: typedPassword.optional(),
})

export const nonceAnswer = z.strictObject({ nonce: z.string() })

const user = z.strictObject({
  id: z.uuid(),
  name: z.string(),
  email: z.string(),
  locale: z.string(),
  role: z.enum(['user', 'admin']),
  activated: z.boolean(),
})
export type UserAnswer = z.infer<typeof user>

export const sessionAnswer = z.strictObject({
  accessToken: z.string(),
  expiresAt: z.iso.datetime(),
  user,
  /** For `client: "app"` only; a browser has it in its cookie. */
  refreshToken: z.string().optional(),
})
export type SessionAnswer = z.infer<typeof sessionAnswer>

export const profileAnswer = user.extend({ createdAt: z.iso.datetime(), version: z.int() })

export const callerAnswer = user.extend({ sessionId: z.uuid() })

export const sessionsAnswer = z.strictObject({
  items: z.array(
    z.strictObject({
      id: z.uuid(),
      client: z.enum(['browser', 'app']),
      device: z.string(),
      createdAt: z.iso.datetime(),
      lastUsedAt: z.iso.datetime(),
      expiresAt: z.iso.datetime(),
      current: z.boolean(),
    }),
  ),
  next: z.null(),
})

export const jwksAnswer = z.strictObject({
  keys: z.array(z.record(z.string(), z.string())),
})
