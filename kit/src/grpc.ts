/** gRPC both ways, typed by a contract: one server part, one client per target for the process' life. */
import {
  type Client,
  credentials,
  makeGenericClientConstructor,
  Metadata,
  type sendUnaryData,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js'
import { loadSync, type ServiceDefinition } from '@grpc/proto-loader'
import { HealthImplementation } from 'grpc-health-check'
import type { Log } from './log.ts'
import type { Part } from './run.ts'

type Methods = Record<string, { request: unknown; response: unknown }>

/** Where a .proto file is and which service of it is meant; `methods` is for the type checker. */
export interface Contract<M extends Methods> {
  file: string
  service: string
  methods?: M
}

export type Handlers<M extends Methods> = {
  [K in keyof M]: (request: M[K]['request']) => Promise<M[K]['response']>
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

/** A refusal with a gRPC status; anything else a handler throws becomes INTERNAL without detail. */
export class GrpcRefusal extends Error {
  override name = 'GrpcRefusal'
  readonly code: status
  constructor(code: status, message: string) {
    super(message)
    this.code = code
  }
}

/** One contract with its handlers, ready to be served. */
export const serve = <M extends Methods>(contract: Contract<M>, handlers: Handlers<M>) => ({
  contract,
  handlers: handlers as Record<string, (request: unknown) => Promise<unknown>>,
})

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
  for (const { contract, handlers } of options.services) {
    const implementation: UntypedServiceImplementation = {}
    for (const [name, handler] of Object.entries(handlers)) {
      implementation[name] = unary(name, handler, options.log)
    }
    server.addService(definitionOf(contract), implementation)
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

const unary =
  (name: string, handler: (request: unknown) => Promise<unknown>, log: Log) =>
  (call: ServerUnaryCall<unknown, unknown>, reply: sendUnaryData<unknown>) => {
    handler(call.request).then(
      (answer) => reply(null, answer),
      (error: unknown) => {
        if (error instanceof GrpcRefusal) return reply({ code: error.code, details: error.message })
        log.error({ err: error, method: name }, 'gRPC handler failed')
        return reply({ code: status.INTERNAL, details: 'internal' })
      },
    )
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
  }) as Client & Record<string, UnaryMethod>

  return {
    /** One call. Rejects with a ServiceError whose `code` is a gRPC status. */
    call<K extends keyof M & string>(
      method: K,
      request: M[K]['request'],
      limits: { deadlineMs: number },
    ): Promise<M[K]['response']> {
      return new Promise((resolve, reject) => {
        const deadline = Date.now() + limits.deadlineMs
        const unaryMethod = client[method]
        if (unaryMethod === undefined) return reject(new Error(`no method ${method}`))
        unaryMethod.call(client, request, new Metadata(), { deadline }, (error, answer) => {
          if (error === null) resolve(answer)
          else reject(error)
        })
      })
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
