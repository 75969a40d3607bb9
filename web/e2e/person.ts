/** A person without a browser: HTTP calls and the live feed, as any program would make them. */
import { randomUUID } from 'node:crypto'
import type { Cursor, ServerFrame } from '@quits/proto/feed'
import { codeFor } from './inbox.ts'
import { frontDoor } from './stack.ts'

export interface Answer<T = Record<string, unknown>> {
  status: number
  body: T
}

const listenMsMax = 20_000

export type Person = Awaited<ReturnType<typeof signUpByHttp>>

const send = async <T>(
  path: string,
  options: { method?: string; body?: unknown; token?: string; key?: string; ifMatch?: string },
): Promise<Answer<T>> => {
  const response = await fetch(new URL(path, frontDoor()), {
    method: options.method ?? 'GET',
    headers: {
      'content-type': 'application/json',
      ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
      ...(options.key === undefined ? {} : { 'idempotency-key': options.key }),
      ...(options.ifMatch === undefined ? {} : { 'if-match': options.ifMatch }),
    },
    ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
  })
  const text = await response.text()
  return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as T }
}

/** Signs up with a fresh address, reads the code in the inbox and enters it. */
export const signUpByHttp = async (name: string, email: string) => {
  const signUp = await send<{ nonce: string }>('/v1/users', {
    method: 'POST',
    body: { name, email },
  })
  if (signUp.status !== 202) throw new Error(`${name} may not sign up: ${signUp.status}`)
  const code = await codeFor(email)
  const session = await send<{ accessToken: string; user: { id: string } }>(
    '/v1/auth/codes/verify',
    { method: 'POST', body: { email, code, nonce: signUp.body.nonce, client: 'app' } },
  )
  if (session.status !== 200) throw new Error(`${name} was not let in: ${session.status}`)
  return personOf({ token: session.body.accessToken, id: session.body.user.id, email })
}

/** Somebody who is signed in with this token. */
export const personOf = ({ token, id, email }: { token: string; id: string; email: string }) => {
  return {
    id,
    email,
    get: <T = Record<string, unknown>>(path: string) => send<T>(path, { token }),
    post: <T = Record<string, unknown>>(path: string, body: unknown, key: string = randomUUID()) =>
      send<T>(path, { method: 'POST', body, token, key }),
    /** Changes what has this version. */
    patch: (path: string, body: unknown, version: number) =>
      send(path, { method: 'PATCH', body, token, ifMatch: `"${version}"` }),
    listen: async (since?: Cursor) => {
      const ticket = await send<{ ticket: string }>('/v1/feed/tickets', {
        method: 'POST',
        body: {},
        token,
      })
      return openFeed(ticket.body.ticket, since)
    },
  }
}

export type Event = Extract<ServerFrame, { type: 'event' }>

/** One socket of the feed; frames queue until they are asked for. */
const openFeed = async (ticket: string, since: Cursor | undefined) => {
  const url = new URL('/v1/feed', frontDoor())
  url.protocol = 'ws:'
  const socket = new WebSocket(url, 'quits.feed.v1')
  const frames: ServerFrame[] = []
  let wake = () => {}
  socket.addEventListener('message', ({ data }) => {
    frames.push(JSON.parse(String(data)) as ServerFrame)
    wake()
  })
  socket.addEventListener('open', () =>
    socket.send(JSON.stringify({ type: 'connect', ticket, device: 'story', since })),
  )

  /** The next frame of a type; others before it are dropped, but never an event. */
  const next = async <K extends ServerFrame['type']>(
    type: K,
  ): Promise<Extract<ServerFrame, { type: K }>> => {
    const deadline = AbortSignal.timeout(listenMsMax)
    for (;;) {
      const index = frames.findIndex((frame) => frame.type === type)
      const [found] = index === -1 ? [] : frames.splice(index, 1)
      if (found !== undefined) return found as Extract<ServerFrame, { type: K }>
      if (deadline.aborted) throw new Error(`no ${type} frame in ${listenMsMax} ms`)
      await new Promise<void>((resolve) => {
        wake = resolve
        deadline.addEventListener('abort', () => resolve(), { once: true })
      })
    }
  }
  const welcome = await next('welcome')
  return {
    welcome,
    next,
    /** Everything that came and was not asked for yet. */
    waiting: () => frames.filter((frame) => frame.type === 'event'),
    close: () =>
      new Promise<void>((resolve) => {
        socket.addEventListener('close', () => resolve(), { once: true })
        socket.close()
      }),
  }
}
