/** gRPC both ways, typed by a contract: one server part, one client per target for good. */
import {
  type Client,
  type ClientReadableStream,
  credentials,
  makeGenericClientConstructor,
  Metadata,
  Server,
  ServerCredentials,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js'
import { loadSync, type ServiceDefinition } from '@grpc/proto-loader'
import { HealthImplementation } from 'grpc-health-check'
import {
  type GrpcCall,
  GrpcRefusal,
  type StreamHandler,
  streaming,
  unary,
  type UnaryHandler,
} from './grpc-call.ts'
import type { Log } from './log.ts'
import type { Part } from './run.ts'

export { type GrpcCall, GrpcRefusal }

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

const definitionOf = (contract: { file: string; service: string }): ServiceDefinition => {
  const loaded = loadSync(contract.file, { longs: String, defaults: true, oneofs: true })[
    contract.service
  ]
  if (loaded === undefined || 'format' in loaded) {
    throw new Error(`no service ${contract.service} in ${contract.file}`)
  }
  return loaded
}

/** No call lasts longer, whatever deadline it came with. */
const deadlineMsMax = 10_000

/** One contract with its handlers, ready to be served. `limits` bounds how long a call may last. */
export const serve = <M extends Methods>(
  contract: Contract<M>,
  handlers: Handlers<M>,
  limits: { deadlineMsMax: number } = { deadlineMsMax },
) => ({ contract, handlers: handlers as Record<string, UnaryHandler | StreamHandler>, limits })

/** Serves contracts and grpc.health.v1 on host:port, without TLS unless credentials are given. */
export const makeGrpcPart = (options: {
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
  for (const { contract, handlers, limits } of options.services) {
    const definition = definitionOf(contract)
    const implementation: UntypedServiceImplementation = {}
    for (const [name, handler] of Object.entries(handlers)) {
      const bounded = { name, log: options.log, ...limits }
      implementation[name] =
        definition[name]?.responseStream === true
          ? streaming(handler as StreamHandler, bounded)
          : unary(handler as UnaryHandler, bounded)
    }
    server.addService(definition, implementation)
    health.setStatus(contract.service, 'SERVING')
  }
  const listening = Promise.withResolvers<number>()
  listening.promise.catch(() => undefined)

  return {
    name: 'grpc',
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
    definitionOf(options.contract),
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
