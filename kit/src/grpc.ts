/** gRPC both ways, typed by a contract: one server part, one client per target for good. */
import {
  type Client,
  type ClientDuplexStream,
  type ClientReadableStream,
  credentials,
  makeGenericClientConstructor,
  Metadata,
  Server,
  ServerCredentials,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js'
import { HealthImplementation } from 'grpc-health-check'
import {
  type GrpcCall,
  GrpcRefusal,
  type StreamHandler,
  streaming,
  unary,
  type UnaryHandler,
} from './grpc-call.ts'
import {
  type Contract,
  type DialoguesOf,
  type Handlers,
  load,
  messageTypesOf,
  type Methods,
} from './grpc-contract.ts'
import { type Dialogue, makeDialogue } from './grpc-dialogue-client.ts'
import { dialogue } from './grpc-dialogue-server.ts'
import { type MessageType, type UnknownField, unknownFieldsOf } from './grpc-fields.ts'
import type { Log } from './log.ts'
import type { Part } from './run.ts'

export { type Contract, type Dialogue, type GrpcCall, GrpcRefusal, type UnknownField }

const stopMsMax = 5_000
const messageBytesMax = 1_048_576

/** No request is handled longer, whatever deadline it came with. */
const deadlineMsMax = 10_000

interface Terms {
  /** No request is handled longer. */
  deadlineMsMax: number
  /** The refusal of a request that cannot be decoded. */
  unreadable(): GrpcRefusal
}

const usualTerms: Terms = {
  deadlineMsMax,
  unreadable: () => new GrpcRefusal(status.INVALID_ARGUMENT, 'the request cannot be read'),
}

/** One contract with its handlers, ready to be served. */
export const serve = <M extends Methods>(
  contract: Contract<M>,
  handlers: Handlers<M>,
  terms: Partial<Terms> = {},
) => ({
  contract,
  handlers: handlers as Record<string, UnaryHandler | StreamHandler>,
  terms: { ...usualTerms, ...terms },
})

/** The definition with its requests left as bytes, and the handlers that decode them. */
const implementing = (
  { contract, handlers, terms }: ReturnType<typeof serve>,
  { log, stopping }: { log: Log; stopping: AbortSignal },
) => {
  const { loaded, definition } = load(contract)
  const types = messageTypesOf(loaded)
  const scope = contract.service.slice(0, contract.service.lastIndexOf('.'))
  const implementation: UntypedServiceImplementation = {}
  const undecoded = Object.entries(definition).map(([name, method]) => {
    const handler = handlers[name]
    const request = `${scope}.${(method.requestType.type as MessageType).name}`
    const one = {
      name,
      log,
      ...terms,
      decode: method.requestDeserialize,
      unknownFieldsOf: (bytes: Buffer) => unknownFieldsOf(types, request, bytes),
    }
    if (handler !== undefined) {
      implementation[name] = implemented(method, handler, one, stopping)
    }
    return [name, { ...method, requestDeserialize: (bytes: Buffer) => bytes }] as const
  })
  return { definition: Object.fromEntries(undecoded), implementation }
}

const implemented = (
  { requestStream, responseStream }: { requestStream: boolean; responseStream: boolean },
  handler: UnaryHandler | StreamHandler,
  method: Parameters<typeof unary>[1],
  stopping: AbortSignal,
) => {
  if (requestStream) return dialogue(handler as UnaryHandler, method, stopping)
  return responseStream
    ? streaming(handler as StreamHandler, method)
    : unary(handler as UnaryHandler, method)
}

/** Serves contracts and grpc.health.v1 on host:port, without TLS unless credentials are given. */
export const makeGrpcPart = (options: {
  /** What the part is called where there are several. */
  name?: string
  host: string
  port: number
  services: ReturnType<typeof serve>[]
  log: Log
  credentials?: ServerCredentials
}): Part & { listening: Promise<number> } => {
  const server = new Server({
    'grpc.enable_channelz': 0,
    'grpc.max_receive_message_length': messageBytesMax,
  })
  const health = new HealthImplementation({ '': 'SERVING' })
  health.addToServer(server)
  const stopping = new AbortController()
  for (const service of options.services) {
    const { definition, implementation } = implementing(service, {
      log: options.log,
      stopping: stopping.signal,
    })
    server.addService(definition, implementation)
    health.setStatus(service.contract.service, 'SERVING')
  }
  const listening = Promise.withResolvers<number>()
  listening.promise.catch(() => undefined)

  return {
    name: options.name ?? 'grpc',
    listening: listening.promise,
    async run(signal) {
      const target = `${options.host}:${options.port}`
      const safe = options.credentials ?? ServerCredentials.createInsecure()
      await new Promise<void>((resolve, reject) => {
        server.bindAsync(target, safe, (error, port) => {
          if (error !== null) {
            listening.reject(error)
            return reject(error)
          }
          listening.resolve(port)
          if (signal.aborted) return resolve()
          signal.addEventListener('abort', () => resolve(), { once: true })
        })
      })
      health.setStatus('', 'NOT_SERVING')
      // A dialogue never ends by itself; the shutdown would wait for it.
      stopping.abort()
      const force = setTimeout(() => server.forceShutdown(), stopMsMax)
      await new Promise<void>((resolve) => server.tryShutdown(() => resolve()))
      clearTimeout(force)
    },
  }
}

/** How long a caller waits, and what it says beside the request. */
interface Asking {
  deadlineMs: number
  metadata?: Record<string, string>
}

const metadataOf = ({ metadata = {} }: Asking): Metadata => {
  const made = new Metadata()
  for (const [name, value] of Object.entries(metadata)) made.set(name, value)
  return made
}

/** A client of one contract at `address` (host:port); the connection is made at the first call. */
export const makeGrpcClient = <M extends Methods>(options: {
  contract: Contract<M>
  address: string
}) => {
  const Constructor = makeGenericClientConstructor(
    load(options.contract).definition,
    options.contract.service,
  )
  const client = new Constructor(options.address, credentials.createInsecure(), {
    'grpc.enable_channelz': 0,
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 2_000,
  })
  const unaries = client as Client & Record<string, UnaryMethod>
  const streams = client as Client & Record<string, StreamMethod>
  const openings = client as Client & Record<string, DialogueMethod>
  const dialogues = new Map<string, ReturnType<typeof makeDialogue>>()

  return {
    /** One call. Rejects with a ServiceError whose `code` is a gRPC status. */
    call<K extends keyof M & string>(
      method: K,
      request: M[K]['request'],
      asking: Asking,
    ): Promise<M[K]['response']> {
      return new Promise((resolve, reject) => {
        const deadline = Date.now() + asking.deadlineMs
        const unaryMethod = unaries[method]
        if (unaryMethod === undefined) return reject(new Error(`no method ${method}`))
        unaryMethod.call(client, request, metadataOf(asking), { deadline }, (error, answer) => {
          if (error === null) resolve(answer)
          else reject(error)
        })
      })
    },
    /** The messages of a method that streams; ends early when the reader stops. */
    async *stream<K extends keyof M & string>(
      method: K,
      request: M[K]['request'],
      asking: Asking,
    ): AsyncGenerator<M[K]['response'], void, undefined> {
      const deadline = Date.now() + asking.deadlineMs
      const streamMethod = streams[method]
      if (streamMethod === undefined) throw new Error(`no method ${method}`)
      const answers = streamMethod.call(client, request, metadataOf(asking), { deadline })
      try {
        for await (const answer of answers) yield answer
      } finally {
        answers.cancel()
      }
    },
    /** The dialogue of a method, the same one each time: its call begins with the first request. */
    dialogue<K extends DialoguesOf<M>>(method: K): Dialogue<M[K]['request'], M[K]['response']> {
      const opened =
        dialogues.get(method) ??
        makeDialogue(() => {
          const opening = openings[method]
          if (opening === undefined) throw new Error(`no method ${method}`)
          return opening.call(client)
        })
      dialogues.set(method, opened)
      return opened
    },
    /** True once the connection stands, within `waitMs`. */
    ready(waitMs: number): Promise<boolean> {
      return new Promise((resolve) => {
        client.waitForReady(Date.now() + waitMs, (error) => resolve(error === undefined))
      })
    },
    close(): void {
      for (const { close } of dialogues.values()) close()
      client.close()
    },
  }
}

type UnaryMethod = (
  request: unknown,
  metadata: Metadata,
  options: { deadline: number },
  reply: (error: Error | null, answer: unknown) => void,
) => void

type StreamMethod = (
  request: unknown,
  metadata: Metadata,
  options: { deadline: number },
) => ClientReadableStream<unknown>

type DialogueMethod = () => ClientDuplexStream<unknown, unknown>
