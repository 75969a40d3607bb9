/** The notifier over HTTP: tickets, streams, pages of notifications, marks. */
import type { Log } from '@quits/kit/log'
import { sendProblem } from '@quits/kit/problem'
import { markStatus } from '@quits/proto/feed'
import express, {
  type ErrorRequestHandler,
  type Request,
  type RequestHandler,
  type Response,
} from 'express'
import { z } from 'zod'
import type { FeedStore } from './feed-store.ts'
import { type Identity, IdentityAwayError } from './identity.ts'
import type { InboxStore, Marked } from './inbox-store.ts'
import type { Mark } from './mark.ts'
import { RefusalError } from './problems.ts'
import { parseEventId } from './streams/event-stream.ts'
import type { Streams } from './streams/streams.ts'
import type { Pass, Tickets } from './tickets.ts'

const pageLengthMax = 100
const pageLength = 20
const bodyBytesMax = 32_768

const noBody = z.strictObject({})
const pageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(pageLengthMax).default(pageLength),
  /** `<epoch>.<seq>`: the page begins below that seq. */
  cursor: z
    .string()
    .regex(/^[1-9]\d{0,14}\.[1-9]\d{0,14}$/)
    .optional(),
})
const markBody = z.strictObject({
  ids: z.array(z.string().min(1).max(128)).min(1).max(200).optional(),
  upTo: z.int().nonnegative().optional(),
  status: markStatus,
})

type Handler = (request: Request) => Promise<{ status: number; body: unknown }>

export interface RouteDependencies {
  identity: Pick<Identity, 'identify'>
  tickets: Pick<Tickets, 'issue'>
  store: Pick<FeedStore, 'head'>
  inbox: Pick<InboxStore, 'page' | 'counts'>
  mark: Mark
  streams: Pick<Streams, 'open'>
  log: Log
}

export const makeRoutes = (dependencies: RouteDependencies) => {
  const { identity, tickets, store, inbox } = dependencies

  const caller = async (request: Request, wish: { fresh: boolean }): Promise<Pass> => {
    const [, token = ''] = /^Bearer ([^\s]+)$/i.exec(request.headers.authorization ?? '') ?? []
    const pass = await identity.identify(token, wish)
    if (pass === undefined) throw new RefusalError('unauthenticated')
    return pass
  }

  const issueTicket: Handler = async (request) => {
    parse(noBody, request.body ?? {})
    // A ticket opens a socket for minutes, so no cache may vouch for the session.
    const pass = await caller(request, { fresh: true })
    return { status: 201, body: { ticket: await tickets.issue(pass) } }
  }

  const stream = async (request: Request, response: Response): Promise<void> => {
    parse(noBody, request.query)
    const lastId = request.get('last-event-id') ?? ''
    const since = lastId === '' ? undefined : parseEventId(lastId)
    if (lastId !== '' && since === undefined) {
      throw new RefusalError('invalid_request', 'Last-Event-ID: not of this feed')
    }
    const pass = await caller(request, { fresh: true })
    // The client may have left while its token was looked at.
    if (!response.destroyed) await dependencies.streams.open({ request, response, pass, since })
  }

  const showPage: Handler = async (request) => {
    const { userId } = await caller(request, { fresh: false })
    const { limit, cursor } = parse(pageQuery, request.query)
    const head = await store.head(userId)
    const [epoch = head.epoch, below = head.seq + 1] = cursor?.split('.').map(Number) ?? []
    if (epoch !== head.epoch) throw new RefusalError('invalid_request', 'cursor: of a former feed')
    const upTo = Math.min(head.seq, below - 1)
    const [items, counts] = await Promise.all([
      inbox.page({ userId, epoch }, upTo, limit),
      inbox.counts(userId, head),
    ])
    const last = items.at(-1)
    const more = last !== undefined && last.seq > 1 && items.length === limit
    const next = more ? `${epoch}.${last.seq}` : null
    return { status: 200, body: { items, next, counts } }
  }

  const markSome: Handler = async (request) => {
    const { userId } = await caller(request, { fresh: false })
    const { ids, upTo, status } = parse(markBody, request.body ?? {})
    const counts = await dependencies.mark(userId, markedOf(ids, upTo), status)
    return { status: 200, body: { counts } }
  }

  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.use((_request, response, next) => {
    response.setHeader('cache-control', 'no-store')
    next()
  })
  app.use(express.json({ limit: bodyBytesMax, strict: true }))
  app.post('/v1/feed/tickets', answering(issueTicket))
  app.get('/v1/feed', () => {
    throw new RefusalError('upgrade_required')
  })
  app.get('/v1/feed/stream', (request, response, next) => {
    stream(request, response).then(undefined, next)
  })
  app.get('/v1/notifications', answering(showPage))
  app.post('/v1/notifications/marks', answering(markSome))
  app.use(() => {
    throw new RefusalError('not_found')
  })
  app.use(answerError(dependencies.log))
  return app
}

const answering =
  (handler: Handler): RequestHandler =>
  (request, response, next) => {
    handler(request).then(({ status, body }) => response.status(status).json(body), next)
  }

const markedOf = (ids: string[] | undefined, upTo: number | undefined): Marked => {
  if (ids !== undefined && upTo === undefined) return { ids }
  if (upTo !== undefined && ids === undefined) return { upTo }
  throw new RefusalError('invalid_request', 'exactly one of ids and upTo')
}

const parse = <S extends z.ZodType>(schema: S, input: unknown): z.infer<S> => {
  const result = schema.safeParse(input)
  if (result.success) return result.data
  const [issue] = result.error.issues
  const code = issue?.code === 'unrecognized_keys' ? 'unknown_field' : 'invalid_request'
  throw new RefusalError(code, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`)
}

const answerError =
  (log: Log): ErrorRequestHandler =>
  (error: unknown, _request, response, next) => {
    if (response.headersSent) return next(error)
    return sendProblem(response, refusalOf(error, log).problem)
  }

/** Faults of express' body parser carry a `type`; whatever else fails is a dependency away. */
const refusalOf = (error: unknown, log: Log): RefusalError => {
  if (error instanceof RefusalError) return error
  const type = error instanceof Error && 'type' in error ? error.type : undefined
  if (type === 'entity.too.large') return new RefusalError('body_too_large')
  if (typeof type === 'string') return new RefusalError('invalid_json')
  if (!(error instanceof IdentityAwayError)) log.error({ err: error }, 'request failed')
  return new RefusalError('unavailable')
}
