/** One gRPC call on the server's side: what a handler may know of it, and how its answer leaves. */
import { once } from 'node:events'
import {
  Metadata,
  type sendUnaryData,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  status,
} from '@grpc/grpc-js'
import type { UnknownField } from './grpc-fields.ts'
import type { Log } from './log.ts'

/** What a handler may know of its call beside the request. */
export interface GrpcCall {
  /** The first value of a text key of the metadata. */
  metadata(name: string): string | undefined
  /** Unix milliseconds: the caller's deadline, or the service's bound where that comes first. */
  deadlineMs: number
  /** Aborted when nobody waits for the answer any more: deadline, bound, or the caller left. */
  signal: AbortSignal
  /** What the request holds that its definition does not have, to be refused where that matters. */
  unknownFields(): UnknownField[]
}

/** A refusal with a gRPC status; anything else a handler throws becomes INTERNAL without detail. */
export class GrpcRefusal extends Error {
  override name = 'GrpcRefusal'
  readonly code: status
  /** Trailing metadata; a key that ends in `-bin` takes bytes. */
  readonly trailer: Record<string, string | Buffer>
  constructor(code: status, message: string, trailer: Record<string, string | Buffer> = {}) {
    super(message)
    this.code = code
    this.trailer = trailer
  }
}

export type UnaryHandler = (request: unknown, call: GrpcCall) => Promise<unknown>
export type StreamHandler = (request: unknown, call: GrpcCall) => AsyncIterable<unknown>

/** Requests arrive as bytes: only here it is known who hears of it when they are no message. */
type ServerCall =
  | ServerUnaryCall<Buffer, unknown>
  | ServerWritableStream<Buffer, unknown>
  | ServerDuplexStream<Buffer, unknown>

export interface Method {
  name: string
  deadlineMsMax: number
  log: Log
  decode(request: Buffer): unknown
  unknownFieldsOf(request: Buffer): UnknownField[]
  /** The refusal of a request that cannot be decoded. */
  unreadable(): GrpcRefusal
}

/**
 * A request of a call as its handler sees it. `leave` says that nobody waits any more, `end` stops
 * the clock of the service's own bound.
 */
const openRequest = (
  call: ServerCall,
  request: Buffer,
  { deadlineMsMax, unknownFieldsOf }: Method,
) => {
  const leaving = new AbortController()
  const given = Number(call.getDeadline())
  const boundMs = Date.now() + deadlineMsMax
  const leave = () => leaving.abort()
  // The caller's own deadline is watched by the library; a timer of ours is for the others.
  const timer = given <= boundMs ? undefined : setTimeout(leave, deadlineMsMax).unref()
  const seen: GrpcCall = {
    metadata: (name) => call.metadata.get(name)[0]?.toString(),
    deadlineMs: Math.min(given, boundMs),
    signal: leaving.signal,
    unknownFields: () => unknownFieldsOf(request),
  }
  return { seen, leave, end: () => clearTimeout(timer) }
}

interface Status {
  code: status
  details: string
  metadata: Metadata
}

const decoded = (request: Buffer, { decode, unreadable }: Method): unknown => {
  try {
    return decode(request)
  } catch {
    throw unreadable()
  }
}

const statusOf = (error: unknown, { name, log }: Method): Status => {
  const metadata = new Metadata()
  if (error instanceof GrpcRefusal) {
    for (const [key, value] of Object.entries(error.trailer)) metadata.set(key, value)
    return { code: error.code, details: error.message, metadata }
  }
  log.error({ err: error, method: name }, 'gRPC handler failed')
  return { code: status.INTERNAL, details: 'internal', metadata }
}

const late = { code: status.DEADLINE_EXCEEDED, details: 'the deadline passed' }

/** How one request ended: refused, or with this answer. */
export type Outcome = [refusal: Partial<Status> | null, answer?: unknown]

/**
 * Has one request handled and tells the outcome, once. When the bound passes first, that is the
 * outcome, and the late answer is dropped. Returns what says that nobody waits any more.
 */
export const handle = (options: {
  handler: UnaryHandler
  method: Method
  call: ServerCall
  request: Buffer
  tell: (...outcome: Outcome) => void
}): (() => void) => {
  const { handler, method, call, request } = options
  const { seen, leave, end } = openRequest(call, request, method)
  let isTold = false
  const tell = (...outcome: Outcome) => {
    if (isTold) return
    isTold = true
    end()
    options.tell(...outcome)
  }
  seen.signal.addEventListener('abort', () => tell(late), { once: true })
  const handled = async () => handler(decoded(request, method), seen)
  handled().then(
    (answer) => tell(null, answer),
    (error: unknown) => tell(statusOf(error, method)),
  )
  return leave
}

/** One request, one answer. */
export const unary =
  (handler: UnaryHandler, method: Method) =>
  (call: ServerUnaryCall<Buffer, unknown>, tell: sendUnaryData<unknown>): void => {
    const leave = handle({ handler, method, call, request: call.request, tell })
    call.once('cancelled', leave)
  }

/** Many answers, as fast as the caller takes them. Ends early when nobody listens any more. */
export const streaming =
  (handler: StreamHandler, method: Method) =>
  (call: ServerWritableStream<Buffer, unknown>): void => {
    const { seen, leave, end } = openRequest(call, call.request, method)
    const { signal } = seen
    call.once('cancelled', leave)
    const pump = async () => {
      for await (const message of handler(decoded(call.request, method), seen)) {
        if (signal.aborted) break
        if (!call.write(message)) await once(call, 'drain', { signal })
      }
      if (signal.aborted) throw new GrpcRefusal(late.code, late.details)
    }
    pump()
      .then(
        () => call.end(),
        (error: unknown) => {
          const told = signal.aborted ? new GrpcRefusal(late.code, late.details) : error
          call.emit('error', statusOf(told, method))
        },
      )
      .finally(end)
  }
