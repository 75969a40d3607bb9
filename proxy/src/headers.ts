/** Which headers pass the front door. Pure. */
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http'

/** RFC 9110 §7.6.1 and its relatives: they concern one connection, not the request. */
const hopByHop = new Set([
  'connection',
  'expect',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])
/** What services believe because the front door says it; nobody else may. */
const ours = new Set([
  'client-ip',
  'cf-connecting-ip',
  'forwarded',
  'true-client-ip',
  'via',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-http-method-override',
  'x-original-url',
  'x-real-ip',
  'x-request-id',
  'x-rewrite-url',
])
const oursPrefixes = ['x-forwarded-', 'x-user-', 'x-quits-']

/** `x_user_id` is the same as `x-user-id` to some readers. */
const isOurs = (name: string): boolean => {
  const plain = name.replaceAll('_', '-')
  return ours.has(plain) || oursPrefixes.some((prefix) => plain.startsWith(prefix))
}

export interface Facts {
  address: string
  proto: 'http' | 'https'
  /** The host of the public address; what a client writes into Host is only its own word. */
  publicHost: string
  requestId: string
}

/** What a service gets: the client's headers without the above, and ours rebuilt. */
export const upstreamHeaders = (
  incoming: IncomingHttpHeaders,
  facts: Facts,
): IncomingHttpHeaders => {
  const named = connectionNames(incoming.connection)
  const headers: IncomingHttpHeaders = {}
  for (const [name, value] of Object.entries(incoming)) {
    if (!hopByHop.has(name) && !named.has(name) && !isOurs(name)) headers[name] = value
  }
  headers['x-forwarded-for'] = facts.address
  headers['x-forwarded-proto'] = facts.proto
  headers['x-forwarded-host'] = facts.publicHost
  headers['x-request-id'] = facts.requestId
  return headers
}

/** The same for a WebSocket, whose upgrade is the point. */
export const upgradeHeaders = (incoming: IncomingHttpHeaders, facts: Facts) => ({
  ...upstreamHeaders(incoming, facts),
  connection: 'Upgrade',
  upgrade: 'websocket',
})

/** What a client gets: node frames the body anew, and the software behind is nobody's business. */
export const clientHeaders = (upstream: IncomingHttpHeaders): OutgoingHttpHeaders => {
  const named = connectionNames(upstream.connection)
  const headers: OutgoingHttpHeaders = {}
  for (const [name, value] of Object.entries(upstream)) {
    const kept = !hopByHop.has(name) && !named.has(name)
    if (kept && name !== 'x-powered-by' && name !== 'server') headers[name] = value
  }
  return headers
}

/** What a Connection header names is hop-by-hop too, but it cannot take the framing away. */
const connectionNames = (connection: string | undefined): Set<string> => {
  const names = (connection ?? '').split(',').map((name) => name.trim().toLowerCase())
  return new Set(names.filter((name) => name !== 'host' && name !== 'content-length'))
}
