/** The caller, their profile and their devices. */
import type { Pool } from '@quits/kit/postgres'
import { z } from 'zod'
import { ledgerError } from '../errors.ts'
import { type Answer, type Route, route } from '../routing.ts'
import { showUser } from './auth-routes.ts'
import type { Profile } from './profile.ts'
import { listSessions } from './session-store.ts'
import type { Sessions } from './sessions.ts'
import { callerAnswer, passwordBody, profileAnswer, profileBody, sessionsAnswer } from './shapes.ts'
import type { User } from './user-store.ts'

const sessionsShownMax = 100
const sessionId = z.uuid()

export const makeProfileRoutes = (options: {
  pool: Pool
  profile: Profile
  sessions: Sessions
}): Route[] => {
  const { pool, profile, sessions } = options
  return [
    route({
      method: 'get',
      path: '/v1/auth/me',
      summary: 'Who the access token speaks for',
      access: 'session',
      answers: { 200: callerAnswer },
      async handle({ caller }) {
        const user = await profile.read(caller.userId)
        return { status: 200, body: { ...showUser(user), sessionId: caller.sessionId } }
      },
    }),
    route({
      method: 'get',
      path: '/v1/auth/sessions',
      summary: "The caller's devices, newest first",
      access: 'session',
      answers: { 200: sessionsAnswer },
      async handle({ caller }) {
        const devices = await listSessions(pool, caller.userId, sessionsShownMax)
        const items = devices.map(({ id, client, device, createdAt, lastUsedAt, expiresAt }) => {
          const current = id === caller.sessionId
          return { id, client, device, createdAt, lastUsedAt, expiresAt, current }
        })
        return { status: 200, body: { items, next: null } }
      },
    }),
    route({
      method: 'delete',
      path: '/v1/auth/sessions/:id',
      summary: 'Sign a device out',
      access: 'session',
      answers: { 204: null },
      async handle({ caller, params }) {
        const only = sessionId.safeParse(params['id'])
        const ended = only.success && (await sessions.end(caller.userId, { only: only.data }))
        if (!ended) throw ledgerError('not_found')
        return { status: 204 }
      },
    }),
    route({
      method: 'get',
      path: '/v1/users/me',
      summary: 'The profile',
      access: 'session',
      answers: { 200: profileAnswer },
      async handle({ caller }) {
        return showProfile(await profile.read(caller.userId))
      },
    }),
    route({
      method: 'patch',
      path: '/v1/users/me',
      summary: 'Change name or language; needs If-Match',
      access: 'session',
      body: profileBody,
      answers: { 200: profileAnswer },
      async handle({ caller, body, header }) {
        const version = versionOf(header('if-match'))
        return showProfile(await profile.change(caller.userId, version, body))
      },
    }),
    route({
      method: 'put',
      path: '/v1/users/me/password',
      summary: 'Set the password; every other session ends',
      access: 'session',
      body: passwordBody,
      answers: { 204: null },
      async handle({ caller, body, address }) {
        const { password, current } = body
        await profile.setPassword({ ...caller, address }, { password, current })
        return { status: 204 }
      },
    }),
  ]
}

const showProfile = (user: User): Answer => ({
  status: 200,
  body: { ...showUser(user), createdAt: user.createdAt, version: user.version },
  headers: { etag: `"${user.version}"` },
})

// No version is 0: a tag that is none of ours matches nothing, and the answer tells the current one.
const versionOf = (ifMatch: string | undefined): number => {
  if (ifMatch === undefined) throw ledgerError('precondition_required')
  return Number(/^"([1-9]\d{0,8})"$/.exec(ifMatch)?.[1] ?? 0)
}
