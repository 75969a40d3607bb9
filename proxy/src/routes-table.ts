/** Where a request goes and which limit it falls under. Pure. */

export type RouteClass = 'api' | 'sign-in' | 'feed' | 'static'
export type Target = 'expenses' | 'notifier' | 'web'

export interface Route {
  routeClass: RouteClass
  target: Target
  /** The answer lasts as long as its reader stays. */
  lasts?: true
}

/** The one place where a WebSocket may be opened. */
export const feedPath = '/v1/feed'
const streamPath = `${feedPath}/stream`

/**
 * The route of a decoded path. Services match paths without regard to case and to a slash at the
 * end, so the table does too: nobody writes `/v1/Auth/Login/` to escape the sign-in limit.
 */
export const routeOf = (method: string, path: string): Route => {
  const plain = path.toLowerCase().replace(/\/+$/, '')
  if (plain === streamPath) return { routeClass: 'feed', target: 'notifier', lasts: true }
  if (isUnder(plain, feedPath)) return { routeClass: 'feed', target: 'notifier' }
  if (isUnder(plain, '/v1/notifications')) return { routeClass: 'api', target: 'notifier' }
  if (isUnder(plain, '/v1')) {
    return { routeClass: isSignIn(method, plain) ? 'sign-in' : 'api', target: 'expenses' }
  }
  if (isUnder(plain, '/.well-known') || plain === '/openapi.json') {
    return { routeClass: 'api', target: 'expenses' }
  }
  return { routeClass: 'static', target: 'web' }
}

const isUnder = (path: string, prefix: string): boolean =>
  path === prefix || path.startsWith(`${prefix}/`)

/** They need a session already and guess nothing: refresh tokens have 256 bits. */
const notGuessing = new Set(['/v1/auth/refresh', '/v1/auth/logout'])

/** What can be used to guess a password or a code, or to make us send mail. */
const isSignIn = (method: string, path: string): boolean => {
  if (method === 'POST' && path === '/v1/users') return true
  if (method === 'PUT' && path === '/v1/users/me/password') return true
  return method === 'POST' && isUnder(path, '/v1/auth') && !notGuessing.has(path)
}
