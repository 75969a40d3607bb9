/** The notifier over HTTP. */
import type { Log } from '@quits/kit/log'
import { sendProblem } from '@quits/kit/problem'
import express, { type ErrorRequestHandler, type Request, type Response } from 'express'
import { z } from 'zod'
import { makeDocument } from './asyncapi/document.ts'
import { type Identity, IdentityAwayError } from './identity.ts'
import { type InboxDependencies, makeInboxRoutes } from './inbox-routes.ts'
import { RefusalError } from './problems.ts'
import { answering, type Handler, makeCaller, parse } from './request.ts'
import { parseEventId } from './streams/event-stream.ts'
import type { Streams } from './streams/streams.ts'
import type { Tickets } from './tickets.ts'

const bodyBytesMax = 32_768

const noBody = z.strictObject({})
export interface RouteDependencies extends Omit<InboxDependencies, 'caller'> {
  identity: Pick<Identity, 'identify'>
  tickets: Pick<Tickets, 'issue'>
  streams: Pick<Streams, 'open'>
  log: Log
}

export const makeRoutes = (dependencies: RouteDependencies) => {
  const { identity, tickets } = dependencies
  const caller = makeCaller(identity)
  const document = makeDocument()
  const inbox = makeInboxRoutes({ ...dependencies, caller })

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
  app.get('/v1/feed/asyncapi.json', (_request, response) => {
    response.json(document)
  })
  app.get('/v1/feed/stream', (request, response, next) => {
    stream(request, response).then(undefined, next)
  })
  app.get('/v1/notifications', answering(inbox.showPage))
  app.post('/v1/notifications/marks', answering(inbox.markSome))
  app.get('/v1/notifications/preferences', answering(inbox.showPreferences))
  app.put('/v1/notifications/preferences', answering(inbox.changePreferences))
  app.use(() => {
    throw new RefusalError('not_found')
  })
  app.use(answerError(dependencies.log))
  return app
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
