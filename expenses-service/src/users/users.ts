/** The subject `users`, put together: routes, authentication, the gRPC service, the sweeper. */
import type { Log } from '@quits/kit/log'
import type { Pool } from '@quits/kit/postgres'
import type { Config } from '../config.ts'
import { makeAccessTokens } from './access-token.ts'
import { makeAuthRoutes } from './auth-routes.ts'
import { deriveKey } from './derived-key.ts'
import { makeGuards } from './guards.ts'
import { makeAuthenticate, makeIdentityService } from './identify.ts'
import { makePasswords } from './passwords.ts'
import { makeProfile } from './profile.ts'
import { makeProfileRoutes } from './profile-routes.ts'
import { makeRefreshCookie } from './refresh-cookie.ts'
import { makeRequestCode } from './request-code.ts'
import { makeSessions } from './sessions.ts'
import { makeSignIn, type OnVerified } from './sign-in.ts'
import { makeSweeper } from './sweeper.ts'

export const makeUsers = (options: {
  config: Config
  pool: Pool
  log: Log
  onVerified: OnVerified
  wakeRelays: () => void
}) => {
  const { config, pool, log, onVerified, wakeRelays } = options
  const accessTokens = makeAccessTokens({
    seeds: config.QUITS_SIGNING_KEYS,
    issuer: config.PUBLIC_URL.origin,
    ttlSeconds: config.ACCESS_TOKEN_SECONDS,
    now: Date.now,
  })
  const codeKey = deriveKey(config.QUITS_SECRET, 'codes')
  const passwords = makePasswords()
  const guards = makeGuards({ pool, perAddressPerHour: config.SIGN_IN_PER_ADDRESS_PER_HOUR })
  const sessions = makeSessions({
    pool,
    accessTokens,
    refreshKey: deriveKey(config.QUITS_SECRET, 'refresh-tokens'),
    life: { refreshDays: config.REFRESH_DAYS, sessionDaysMax: config.SESSION_DAYS_MAX },
    wakeRelays,
  })
  const requestCode = makeRequestCode({
    pool,
    guards,
    passwords,
    codeKey,
    jobsKey: config.QUITS_JOBS_KEY,
    codeMinutes: config.CODE_MINUTES,
    signUps: config.QUITS_SIGNUP,
    wakeRelays,
  })
  const signIn = makeSignIn({ pool, guards, passwords, sessions, codeKey, onVerified, wakeRelays })
  const profile = makeProfile({ pool, guards, passwords, sessions, wakeRelays })

  return {
    routes: [
      ...makeAuthRoutes({
        requestCode,
        signIn,
        sessions,
        accessTokens,
        cookie: makeRefreshCookie(config.PUBLIC_URL),
        refreshDays: config.REFRESH_DAYS,
      }),
      ...makeProfileRoutes({ pool, profile, sessions }),
    ],
    authenticate: makeAuthenticate(pool, accessTokens),
    identity: makeIdentityService(pool, accessTokens),
    sweeper: makeSweeper({ pool, log }),
  }
}
