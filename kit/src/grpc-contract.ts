/** What a gRPC service offers: its .proto file, and the types of its methods. */
import { loadSync, type PackageDefinition } from '@grpc/proto-loader'
import type { GrpcCall } from './grpc-call.ts'
import type { MessageType } from './grpc-fields.ts'

/**
 * `stream`: the method answers with many messages, one after the other. `dialogue`: its call stays
 * open for many requests; its handler answers each, and the answers leave in their order.
 */
export type Methods = Record<
  string,
  { request: unknown; response: unknown; stream?: true; dialogue?: true }
>

/** The names of the methods that are dialogues. */
export type DialoguesOf<M extends Methods> = {
  [K in keyof M & string]: M[K] extends { dialogue: true } ? K : never
}[keyof M & string]

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

export const load = (contract: { file: string; service: string }) => {
  const loaded = loadSync(contract.file, { longs: String, defaults: true, oneofs: true })
  const definition = loaded[contract.service]
  if (definition === undefined || 'format' in definition) {
    throw new Error(`no service ${contract.service} in ${contract.file}`)
  }
  return { loaded, definition }
}

export const messageTypesOf = (loaded: PackageDefinition): Record<string, MessageType> =>
  Object.fromEntries(
    Object.entries(loaded).flatMap(([name, one]) =>
      'format' in one && typeof one.format === 'string' && 'type' in one
        ? [[name, one.type as MessageType]]
        : [],
    ),
  )
