/** Problem documents (RFC 9457), the one form of every HTTP refusal. */
import type { ServerResponse } from 'node:http'

export interface Problem {
  status: number
  /** Stable, for programs: `debt_not_found`. */
  code: string
  /** One sentence for people, the same for every occurrence. */
  title: string
  detail?: string
  /** Seconds; becomes the header Retry-After. */
  retryAfterSeconds?: number
  /** Further members of the document, such as `remaining`. */
  members?: Record<string, unknown>
}

/** The document as it travels; `retryAfterSeconds` travels beside it. */
export const problemDocument = (problem: Problem): Record<string, unknown> => {
  const { retryAfterSeconds: _beside, members, ...shown } = problem
  return { type: `/problems/${problem.code}`, ...shown, ...members }
}

/** Writes the problem and ends the response. */
export const sendProblem = (response: ServerResponse, problem: Problem): void => {
  const { retryAfterSeconds } = problem
  const body = JSON.stringify(problemDocument(problem))
  response.statusCode = problem.status
  response.setHeader('content-type', 'application/problem+json')
  response.setHeader('cache-control', 'no-store')
  response.setHeader('content-length', Buffer.byteLength(body))
  if (retryAfterSeconds !== undefined) response.setHeader('retry-after', String(retryAfterSeconds))
  response.end(body)
}
