/** Signing up, in and out. */
import { bearerOf } from '@quits/kit/bearer'
import { ledgerError } from '../errors.ts'
import { type Answer, type Call, type Route, route } from '../routing.ts'
import type { AccessTokens } from './access-token.ts'
import type { RefreshCookie } from './refresh-cookie.ts'
import type { RequestCode } from './request-code.ts'
import type { Granted, Origin, Sessions } from './sessions.ts'
import {
  codeBody,
  jwksAnswer,
  loginBody,
  nonceAnswer,
  refreshBody,
  type SessionAnswer,
  sessionAnswer,
  signUpBody,
  type UserAnswer,
  verifyBody,
} from './shapes.ts'
import type { SignIn } from './sign-in.ts'
import type { User } from './user-store.ts'

const deviceLengthMax = 200
const daySeconds = 86_400

export const makeAuthRoutes = (options: {
  requestCode: RequestCode
  signIn: SignIn
  sessions: Sessions
  accessTokens: AccessTokens
  cookie: RefreshCookie
  refreshDays: number
}): Route[] => {
  const { requestCode, signIn, sessions, accessTokens, cookie } = options

  const granted = ({ user, accessToken, expiresAt, refreshToken, client }: Granted): Answer => {
    const body: SessionAnswer = { accessToken, expiresAt, user: showUser(user) }
    if (client === 'app') return { status: 200, body: { ...body, refreshToken } }
    const kept = cookie.keep(refreshToken, options.refreshDays * daySeconds)
    return { status: 200, body, headers: { 'set-cookie': kept } }
  }

  // A cookie travels by itself, so it is asked which page sent the request. Also where none came:
  // the answer may forget it, and a form of another site gets that answer without sending it.
  const refreshTokenOf = (call: Call<{ refreshToken?: string | undefined }, unknown>) => {
    if (call.body.refreshToken !== undefined) return call.body.refreshToken
    if (!cookie.isOurs(call.header('origin'), call.header('sec-fetch-site'))) {
      throw ledgerError('wrong_origin')
    }
    return call.cookie(cookie.name)
  }

  return [
    route({
      method: 'post',
      path: '/v1/users',
      summary: 'Sign up: mails a code, or says in the mail that the account exists',
      access: 'public',
      body: signUpBody,
      answers: { 202: nonceAnswer },
      async handle({ body, address }) {
        const { name, email, locale, password } = body
        const asked = { name, email, locale, password, address }
        return { status: 202, body: await requestCode.signUp(asked) }
      },
    }),
    route({
      method: 'post',
      path: '/v1/auth/codes',
      summary: 'Ask for a sign-in code by mail',
      access: 'public',
      body: codeBody,
      answers: { 202: nonceAnswer },
      async handle({ body, address }) {
        return { status: 202, body: await requestCode.signIn({ email: body.email, address }) }
      },
    }),
    route({
      method: 'post',
      path: '/v1/auth/codes/verify',
      summary: 'Enter the code from the mail: verifies the address and begins a session',
      access: 'public',
      body: verifyBody,
      answers: { 200: sessionAnswer },
      async handle(call) {
        const { client, ...typed } = call.body
        const origin = originOf(call, client)
        return granted(await signIn.byCode({ ...typed, address: call.address, origin }))
      },
    }),
    route({
      method: 'post',
      path: '/v1/auth/login',
      summary: 'Sign in with a password',
      access: 'public',
      body: loginBody,
      answers: { 200: sessionAnswer },
      async handle(call) {
        const { client, ...typed } = call.body
        const origin = originOf(call, client)
        return granted(await signIn.byPassword({ ...typed, address: call.address, origin }))
      },
    }),
    route({
      method: 'post',
      path: '/v1/auth/refresh',
      summary: 'New tokens for a refresh token, which is then used up',
      access: 'public',
      body: refreshBody,
      answers: { 200: sessionAnswer },
      async handle(call) {
        const token = refreshTokenOf(call)
        if (token === undefined) throw ledgerError('unauthenticated')
        return granted(await sessions.refresh(token))
      },
    }),
    route({
      method: 'post',
      path: '/v1/auth/logout',
      summary: 'End the session of the refresh token, or else of the access token',
      access: 'public',
      body: refreshBody,
      answers: { 204: null },
      async handle(call) {
        const token = refreshTokenOf(call)
        if (token !== undefined) await sessions.signOut(token)
        const bearer = bearerOf(call.header('authorization'))
        const claims = bearer === undefined ? undefined : await accessTokens.read(bearer)
        if (claims !== undefined) await sessions.end(claims.userId, { only: claims.sessionId })
        return { status: 204, headers: { 'set-cookie': cookie.forget } }
      },
    }),
    route({
      method: 'get',
      path: '/.well-known/jwks.json',
      summary: 'Public keys of the access tokens',
      access: 'public',
      answers: { 200: jwksAnswer },
      async handle() {
        return { status: 200, body: accessTokens.jwks }
      },
    }),
  ]
}

const originOf = (
  call: Pick<Call<unknown, unknown>, 'header'>,
  client: Origin['client'],
): Origin => ({
  client,
  device: (call.header('user-agent') ?? '')
    .replaceAll(/[^\x20-\x7e]/g, '')
    .slice(0, deviceLengthMax),
})

/** A user as answers show them. */
export const showUser = (user: User): UserAnswer => {
  const { id, name, email, locale, role, activated } = user
  return { id, name, email, locale, role, activated }
}
