/**
 * How long a request's body is, judged before anything is forwarded. Node refuses most ambiguous
 * framings itself; what it lets through and a service might read differently is refused here. Pure.
 */
import type { IncomingHttpHeaders } from 'node:http'
import type { Problem } from '@quits/kit/problem'
import { badRequest, bodyTooLarge } from './problems.ts'

const methodsWithBody = new Set(['POST', 'PUT', 'PATCH'])
/** Two of these would let two readers pick different ones. */
const single = ['host', 'content-length', 'transfer-encoding', 'content-type', 'authorization']

/** A problem, or nothing when the request may go on. `rawHeaders` is node's flat list. */
export const framingFault = (
  request: { method: string; headers: IncomingHttpHeaders; rawHeaders: string[] },
  bodyBytesMax: number,
): Problem | undefined => {
  const names = request.rawHeaders.filter((_, index) => index % 2 === 0)
  const lowered = names.map((name) => name.toLowerCase())
  const twice = single.find((name) => lowered.filter((other) => other === name).length > 1)
  if (twice !== undefined) return badRequest(`The header ${twice} is there twice.`)

  const { 'content-length': length, 'transfer-encoding': coding } = request.headers
  if (coding !== undefined && length !== undefined) return badRequest('The body has two lengths.')
  if (coding !== undefined && coding.toLowerCase() !== 'chunked') {
    return badRequest('The transfer coding is not chunked.')
  }
  if (length !== undefined && !/^\d{1,15}$/.test(length)) {
    return badRequest('The content length is not a number.')
  }
  const hasBody = coding !== undefined || Number(length ?? 0) > 0
  if (hasBody && !methodsWithBody.has(request.method)) {
    return badRequest(`A ${request.method} request has no body here.`)
  }
  return Number(length ?? 0) > bodyBytesMax ? bodyTooLarge : undefined
}
