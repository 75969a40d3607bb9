// How the demo asks the front door: like any other program, over HTTP, and with patience when it
// is told to come back later.
import type { z } from 'zod'

export interface Asking {
  token?: string
  headers?: Record<string, string>
  body?: unknown
}

export interface Reply {
  status: number
  headers: Headers
  body: unknown
}

export type Ask = (method: string, path: string, asking?: Asking) => Promise<Reply>

/** The front door refused, or is not there; the message is for a person. */
export class DemoFailure extends Error {
  override name = 'DemoFailure'
  /** The stable code of the problem document, if there was one. */
  readonly code: string | undefined
  constructor(message: string, code?: string) {
    super(message)
    this.code = code
  }
}

const answerMsMax = 15_000

export function askAt(url: string): Ask {
  return async (method, path, { token, headers, body } = {}) => {
    const sent = new Headers({ 'user-agent': 'Quits demo', ...headers })
    if (token !== undefined) sent.set('authorization', `Bearer ${token}`)
    if (body !== undefined) sent.set('content-type', 'application/json')
    try {
      const response = await fetch(url + path, {
        method,
        headers: sent,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(answerMsMax),
      })
      const text = await response.text()
      return { status: response.status, headers: response.headers, body: parseBody(text) }
    } catch (error) {
      throw new DemoFailure(`${url} gives no answer to ${method} ${path}: ${reasonOf(error)}`)
    }
  }
}

/** What `fetch` throws says only that it failed; its cause says why. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? error.cause.message : error.message
}

function parseBody(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // an empty answer, or a page of somebody in between; the status tells
  }
}

/** Sign-ins are the slowest: six per minute once the burst is used up, for all people of a story. */
const patienceMsMax = 180_000
const waitMsDefault = 1_000

export type Wait = (ms: number) => Promise<unknown>

/** Asks again after Retry-After when there is too much going on (429, 503), within bounds. */
export function patiently(ask: Ask, wait: Wait): Ask {
  return async (method, path, asking) => {
    let waitedMs = 0
    for (;;) {
      const reply = await ask(method, path, asking)
      if (reply.status !== 429 && reply.status !== 503) return reply
      const seconds = Number(reply.headers.get('retry-after'))
      const waitMs = seconds > 0 ? seconds * 1_000 : waitMsDefault
      if (waitedMs + waitMs > patienceMsMax) return reply
      waitedMs += waitMs
      await wait(waitMs)
    }
  }
}

/** The answer in its shape; anything but a 2xx is a failure that names what was tried. */
export function expectAnswer<T>(shape: z.ZodType<T>, reply: Reply, tried: string): T {
  if (reply.status >= 300) throw refusalOf(reply, tried)
  const parsed = shape.safeParse(reply.body)
  if (parsed.success) return parsed.data
  throw new DemoFailure(`${tried}: the answer has another shape: ${parsed.error.message}`)
}

function refusalOf({ status, body }: Reply, tried: string): DemoFailure {
  const { code, title } = (body ?? {}) as { code?: unknown; title?: unknown }
  const told = typeof title === 'string' ? title : 'no reason given'
  return new DemoFailure(
    `${tried}: ${told} (${status}${typeof code === 'string' ? ` ${code}` : ''})`,
    typeof code === 'string' ? code : undefined,
  )
}
