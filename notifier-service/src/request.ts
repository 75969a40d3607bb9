/** What every route does with a request: whose it is, whether its parts are as they must be. */
import { bearerOf } from '@quits/kit/bearer'
import type { Request, RequestHandler } from 'express'
import type { z } from 'zod'
import type { Identity } from './identity.ts'
import { RefusalError } from './problems.ts'
import type { Pass } from './tickets.ts'

/** An answer that fits into one piece. */
export interface Answer {
  status: number
  body: unknown
  /** The version of the one thing that is answered. */
  etag?: string
}
export type Handler = (request: Request) => Promise<Answer>

/** The holder of the bearer token. With `fresh` no cache may vouch for the session. */
export type Caller = (request: Pick<Request, 'headers'>, wish: { fresh: boolean }) => Promise<Pass>

export const makeCaller =
  (identity: Pick<Identity, 'identify'>): Caller =>
  async (request, wish) => {
    const token = bearerOf(request.headers.authorization)
    const pass = token === undefined ? undefined : await identity.identify(token, wish)
    if (pass === undefined) throw new RefusalError('unauthenticated')
    return pass
  }

export const answering =
  (handler: Handler): RequestHandler =>
  (request, response, next) => {
    handler(request).then(({ status, body, etag }) => {
      if (etag !== undefined) response.setHeader('etag', etag)
      response.status(status).json(body)
    }, next)
  }

/** The input in its shape, or a refusal that names the first fault. */
export const parse = <S extends z.ZodType>(schema: S, input: unknown): z.infer<S> => {
  const result = schema.safeParse(input)
  if (result.success) return result.data
  const [issue] = result.error.issues
  const code = issue?.code === 'unrecognized_keys' ? 'unknown_field' : 'invalid_request'
  throw new RefusalError(code, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`)
}
