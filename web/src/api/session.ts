/**
 * The browser's half of a session: the access token lives in this closure only, the refresh token
 * in a cookie no script can read. Tabs take turns to refresh, so none presents an old token.
 */
import { ApiProblem, problemOf } from './problem.ts'
import type { SessionAnswer, User } from './shapes.ts'

export type SessionState =
  | { status: 'starting' }
  | { status: 'unreachable' }
  | { status: 'out' }
  | { status: 'in'; user: User }

export interface SessionDependencies {
  fetch: typeof globalThis.fetch
  /** Runs one turn at a time across tabs (Web Locks). */
  takeTurns: <T>(turn: () => Promise<T>) => Promise<T>
  now: () => number
}

export interface Session {
  state: () => SessionState
  subscribe: (listener: () => void) => () => void
  /** Asks the cookie for a session; called once, when the page starts, and to try again. */
  start: () => Promise<void>
  /** Takes what a sign-in answered. */
  open: (answer: SessionAnswer) => void
  /** Forgets the session here; the caller has told the server, or the server told us. */
  close: () => void
  /** A live access token; refreshes first when the old one ends within seconds. */
  token: (options?: { fresh: boolean }) => Promise<string>
  /** Milliseconds since the epoch; 0 when signed out. */
  expiresAtMs: () => number
}

/** A token that ends sooner than this is not worth sending. */
const spareMs = 15_000

export const makeSession = ({ fetch, takeTurns, now }: SessionDependencies): Session => {
  let state: SessionState = { status: 'starting' }
  let access: { token: string; expiresAtMs: number } | undefined
  let refreshing: Promise<string> | undefined
  const listeners = new Set<() => void>()

  const become = (next: SessionState) => {
    state = next
    for (const listener of listeners) listener()
  }

  const open = (answer: SessionAnswer) => {
    access = { token: answer.accessToken, expiresAtMs: Date.parse(answer.expiresAt) }
    const same = state.status === 'in' && state.user.id === answer.user.id
    if (!same) become({ status: 'in', user: answer.user })
  }

  const close = () => {
    access = undefined
    if (state.status !== 'out') become({ status: 'out' })
  }

  const refresh = (): Promise<string> =>
    takeTurns(async () => {
      const response = await fetch('/v1/auth/refresh', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{}',
      }).catch(() => {
        throw new ApiProblem(0, 'unreachable')
      })
      if (!response.ok) throw await problemOf(response)
      const answer = (await response.json()) as SessionAnswer
      open(answer)
      return answer.accessToken
    }).catch((error: unknown) => {
      // Only a clear no ends the session; a limit or a dead network is not one.
      if (error instanceof ApiProblem && [400, 401, 403].includes(error.status)) close()
      throw error
    })

  return {
    state: () => state,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async start() {
      refreshing ??= refresh().finally(() => {
        refreshing = undefined
      })
      await refreshing.catch(() => {
        if (state.status === 'starting') become({ status: 'unreachable' })
      })
    },
    open,
    close,
    async token(options) {
      const live = access !== undefined && access.expiresAtMs - spareMs > now()
      if (access !== undefined && live && options?.fresh !== true) return access.token
      refreshing ??= refresh().finally(() => {
        refreshing = undefined
      })
      return refreshing
    },
    expiresAtMs: () => access?.expiresAtMs ?? 0,
  }
}
