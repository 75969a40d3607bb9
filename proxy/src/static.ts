/** Serves the web app: files by their content, pages of the app by index.html. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { sendProblem } from '@quits/kit/problem'
import { methodNotAllowed, notFound, webAppMissing } from './problems.ts'
import type { WebFile, WebFiles } from './web-files.ts'

const indexPath = '/index.html'
const yearSeconds = 31_536_000

/** Only our own scripts, styles and connections; nobody may frame us. `host` is the public one. */
const securityHeaders = (host: string): Record<string, string> => ({
  'content-security-policy': [
    "default-src 'self'",
    `connect-src 'self' ws://${host} wss://${host}`,
    "img-src 'self' data:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; '),
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
})

export const makeStatic = (options: { files: WebFiles; publicHost: string }) => {
  const { files } = options
  const security = securityHeaders(options.publicHost)

  /** A person who opens a page of the app; a script that is missing must not become a page. */
  const isPage = (request: IncomingMessage, path: string) =>
    !path.startsWith('/assets/') && (request.headers.accept ?? '').includes('text/html')

  return async (
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
  ): Promise<void> => {
    for (const [name, value] of Object.entries(security)) response.setHeader(name, value)
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD')
      return sendProblem(response, methodNotAllowed)
    }
    const file = path === '/' ? undefined : await files.find(path)
    if (file !== undefined) return sendFile(request, response, file)
    if (path !== '/' && !isPage(request, path)) return sendProblem(response, notFound)
    const index = await files.find(indexPath)
    if (index === undefined) return sendProblem(response, webAppMissing)
    return sendFile(request, response, index)
  }
}

const sendFile = (request: IncomingMessage, response: ServerResponse, file: WebFile): void => {
  const packed = file.packed !== undefined && acceptsGzip(request) ? file.packed : undefined
  // Each form has a tag of its own, so that a cache never joins the halves of two.
  const etag = packed === undefined ? file.etag : file.etag.replace(/"$/, '-gz"')
  response.setHeader('etag', etag)
  response.setHeader(
    'cache-control',
    file.immutable ? `public, max-age=${yearSeconds}, immutable` : 'no-cache',
  )
  if (file.packed !== undefined) response.setHeader('vary', 'accept-encoding')
  if (matches(request.headers['if-none-match'], etag)) {
    response.writeHead(304).end()
    return
  }
  const body = packed ?? file.body
  if (packed !== undefined) response.setHeader('content-encoding', 'gzip')
  response.writeHead(200, { 'content-type': file.type, 'content-length': body.length })
  response.end(request.method === 'HEAD' ? undefined : body)
}

const acceptsGzip = (request: IncomingMessage): boolean => {
  const codings = (request.headers['accept-encoding'] ?? '').split(',')
  return codings.some((coding) => /^\s*(gzip|\*)\s*(;(?!\s*q=0(\.0*)?\s*$)|$)/i.test(coding))
}

const matches = (ifNoneMatch: string | undefined, etag: string): boolean =>
  (ifNoneMatch ?? '')
    .split(',')
    .map((tag) => tag.trim().replace(/^W\//, ''))
    .some((tag) => tag === etag || tag === '*')
