/**
 * The cookie in which a browser keeps its refresh token. Over https the `__Host-` prefix makes the
 * browser hold it to this very host; over http on loopback, where that prefix is refused, the port is
 * in the name, so that two local stacks do not share it.
 */

const loopbackNames = ['localhost', '127.0.0.1', '[::1]']

export type RefreshCookie = ReturnType<typeof makeRefreshCookie>

export const makeRefreshCookie = (publicUrl: URL) => {
  const secure = publicUrl.protocol === 'https:'
  const port = publicUrl.port === '' ? '80' : publicUrl.port
  const name = secure ? '__Host-quits-refresh' : `quits-refresh-${port}`
  // People type any name of their own machine; all of them at this port are this front door.
  const names = !secure && loopbackNames.includes(publicUrl.hostname) ? loopbackNames : []
  const ours = new Set([
    publicUrl.origin,
    ...names.map((host) => new URL(`http://${host}:${port}`).origin),
  ])
  const attributes = `Path=/; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`
  return {
    name,
    /** Value of Set-Cookie that keeps the token. */
    keep: (token: string, maxAgeSeconds: number) =>
      `${name}=${token}; Max-Age=${maxAgeSeconds}; ${attributes}`,
    /** Value of Set-Cookie that forgets it. */
    forget: `${name}=; Max-Age=0; ${attributes}`,
    /**
     * Whether a request that carries the cookie comes from our own pages. A browser says so in
     * Origin or in Sec-Fetch-Site; a program that says neither has no cookie it did not want to send.
     */
    isOurs(origin: string | undefined, fetchSite: string | undefined): boolean {
      if (origin !== undefined) return ours.has(origin)
      return fetchSite === undefined || fetchSite === 'same-origin'
    },
  }
}
