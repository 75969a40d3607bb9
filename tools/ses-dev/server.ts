// The development mail server: SES v2's SendEmail, an inbox page and the API that tests read.
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { makeFaults } from './faults.ts'
import { inboxPage } from './inbox-page.ts'
import type { Message, Messages } from './messages.ts'
import { parseOutbound } from './outbound.ts'

const bodyBytesMax = 12_000_000
const listeners = { max: 20 }

export function makeSesServer(messages: Messages, now: () => Date): Server {
  const faults = makeFaults()
  const watchers = new Set<ServerResponse>()
  const tellWatchers = () => {
    for (const watcher of watchers) watcher.write('data: new\n\n')
  }

  const accept = async (request: IncomingMessage, response: ServerResponse) => {
    const { mode, delayMs } = faults.next()
    if (mode === 'throttle') {
      return refuse(response, 429, 'TooManyRequestsException', 'Maximum sending rate exceeded.')
    }
    if (mode === 'reject') return refuse(response, 400, 'MessageRejected', 'Told to reject.')
    if (mode === 'slow') await delay(delayMs)
    const message = parseOutbound(await readJsonBody(request), randomUUID(), now().toISOString())
    if (typeof message === 'string') return refuse(response, 400, 'BadRequestException', message)
    messages.add(message)
    tellWatchers()
    // The worst of all answers: the mail is on its way, and its sender cannot know.
    if (mode === 'cut-after-accept') return response.destroy()
    return answerJson(response, 200, { MessageId: message.id })
  }

  const watch = (request: IncomingMessage, response: ServerResponse) => {
    if (watchers.size >= listeners.max) return answerJson(response, 503, { message: 'Too many.' })
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    response.write(': listening\n\n')
    watchers.add(response)
    request.on('close', () => watchers.delete(response))
  }

  const orderFault = async (request: IncomingMessage, response: ServerResponse) => {
    const complaint = faults.set(await readJsonBody(request))
    if (complaint !== undefined) return answerJson(response, 400, { message: complaint })
    return answerJson(response, 200, { struck: 0 })
  }

  const route = async (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '/', 'http://inbox')
    switch (`${request.method} ${url.pathname}`) {
      case 'POST /v2/email/outbound-emails':
        return accept(request, response)
      case 'GET /api/messages': {
        const found = messages.list(url.searchParams.get('to') ?? undefined)
        return answerJson(response, 200, found.map(toAnswer))
      }
      case 'GET /api/watch':
        return watch(request, response)
      case 'GET /api/faults':
        return answerJson(response, 200, { struck: faults.struck() })
      case 'POST /api/faults':
        return orderFault(request, response)
      case 'GET /health':
        return answerJson(response, 200, { status: 'ok' })
      case 'GET /':
        return answerPage(response)
      default:
        return answerJson(response, 404, { message: 'There is nothing here.' })
    }
  }

  return createServer((request, response) => {
    route(request, response).catch((error: unknown) => {
      const message = error instanceof Error ? error.message : String(error)
      if (!response.headersSent) refuse(response, 400, 'BadRequestException', message)
    })
  })
}

const toAnswer = ({ to, from: _from, ...rest }: Message) => ({ ...rest, to: to.join(', ') })

function answerJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
  response.end(JSON.stringify(body))
}

/** Errors have the header by which the SDK knows their type. */
function refuse(response: ServerResponse, status: number, type: string, message: string): void {
  response.setHeader('x-amzn-ErrorType', type)
  answerJson(response, status, { message })
}

function answerPage(response: ServerResponse): void {
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': inboxPage.policy,
    'x-content-type-options': 'nosniff',
  })
  response.end(inboxPage.html)
}

async function readJsonBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > bodyBytesMax) throw new Error('The request is too large.')
    chunks.push(chunk)
  }
  return JSON.parse(Buffer.concat(chunks).toString('utf8'))
}
