/** gRPC both ways, typed by a contract: one server part, one client per target for good. */
import {
  type Client,
  type ClientReadableStream,
  credentials,
  makeGenericClientConstructor,
  Metadata,
  Server,
  ServerCredentials,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js'
import { loadSync, type PackageDefinition } from '@grpc/proto-loader'
import { HealthImplementation } from 'grpc-health-check'
import {
  type GrpcCall,
  GrpcRefusal,
  type StreamHandler,
  streaming,
  unary,
  type UnaryHandler,
} from './grpc-call.ts'
import { type MessageType, type UnknownField, unknownFieldsOf } from './grpc-fields.ts'
import type { Log } from './log.ts'
import type { Part } from './run.ts'

export { type GrpcCall, GrpcRefusal, type UnknownField }

/** `stream`: the method answers with many messages, one after the other. */
type Methods = Record<string, { request: unknown; response: unknown; stream?: true }>

/** Where a .proto file is and which service of it is meant; `methods` is for the type checker. */
export interface Contract<M extends Methods> {
  file: string
  service: string
  methods?: M
}

export type Handlers<M extends Methods> = {
  [K in keyof M]: (
    request: M[K]['request'],
    call: GrpcCall,
  ) => M[K] extends { stream: true } ? AsyncIterable<M[K]['response']> : Promise<M[K]['response']>
}

const stopMsMax = 5_000
const messageBytesMax = 1_048_576

const load = (contract: { file: string; service: string }) => {
  const loaded = loadSync(contract.file, { longs: String, defaults: true, oneofs: true })
  const definition = loaded[contract.service]
  if (definition === undefined || 'format' in definition) {
    throw new Error(`no service ${contract.service} in ${contract.file}`)
  }
  return { loaded, definition }
}

const messageTypesOf = (loaded: PackageDefinition): Record<string, MessageType> =>
  Object.fromEntries(
    Object.entries(loaded).flatMap(([name, one]) =>
      'format' in one && typeof one.format === 'string' && 'type' in one
        ? [[name, one.type as MessageType]]
        : [],
    ),
  )

/** No call lasts longer, whatever deadline it came with. */
const deadlineMsMax = 10_000

interface Terms {
  /** No call lasts longer. */
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
const implementing = ({ contract, handlers, terms }: ReturnType<typeof serve>, log: Log) => {
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
      implementation[name] = method.responseStream
        ? streaming(handler as StreamHandler, one)
        : unary(handler as UnaryHandler, one)
    }
    return [name, { ...method, requestDeserialize: (bytes: Buffer) => bytes }] as const
  })
  return { definition: Object.fromEntries(undecoded), implementation }
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
  for (const service of options.services) {
    const { definition, implementation } = implementing(service, options.log)
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
    /** True once the connection stands, within `waitMs`. */
    ready(waitMs: number): Promise<boolean> {
      return new Promise((resolve) => {
        client.waitForReady(Date.now() + waitMs, (error) => resolve(error === undefined))
      })
    },
    close(): void {
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
