import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { credentials, makeGenericClientConstructor, type Metadata, status } from '@grpc/grpc-js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Contract, GrpcRefusal, makeGrpcClient, makeGrpcPart, serve } from './grpc.ts'
import { makeLog } from './log.ts'

const proto = `syntax = "proto3";
package test.v1;
service Echo {
  rpc Say(Words) returns (Words);
  rpc Count(Words) returns (stream Words);
}
message Words { string text = 1; repeated Word more = 2; }
message Word { string word = 1; }`

/** The same as a later version of it says it. */
const laterProto = `${proto.replace(/message Word.*/gs, '')}
message Words { string text = 1; repeated Word more = 2; string later = 9; }
message Word { string word = 1; string later = 2; }`

interface Words {
  text: string
  more?: { word: string; later?: string }[]
  later?: string
}

const folder = mkdtempSync(join(tmpdir(), 'quits-grpc-'))
const contract: Contract<{
  Say: { request: Words; response: Words }
  Count: { request: Words; response: Words; stream: true }
}> = { file: join(folder, 'echo.proto'), service: 'test.v1.Echo' }

const left = Promise.withResolvers<void>()
let counted = 0

const laterContract: typeof contract = { ...contract, file: join(folder, 'later.proto') }

const service = () =>
  serve(
    contract,
    {
      async Say({ text }, call) {
        if (text === 'refuse') {
          throw new GrpcRefusal(status.NOT_FOUND, 'no', { 'x-code': 'no', 'x-bin': Buffer.of(7) })
        }
        if (text === 'unknown') return { text: JSON.stringify(call.unknownFields()) }
        if (text === 'break') throw new Error('a secret')
        if (text === 'hang') await new Promise(() => {})
        return { text: `${text} to ${call.metadata('x-name') ?? 'nobody'}` }
      },
      async *Count() {
        try {
          for (counted = 0; counted < 100_000; counted++) yield { text: String(counted) }
        } finally {
          left.resolve()
        }
      },
    },
    { deadlineMsMax: 200 },
  )

const stopping = new AbortController()
let address: string
let client: ReturnType<typeof openClient>
let later: ReturnType<typeof openClient>
let running: Promise<void>
const openClient = (one: typeof contract) => makeGrpcClient({ contract: one, address })

beforeAll(async () => {
  writeFileSync(contract.file, proto)
  writeFileSync(laterContract.file, laterProto)
  const log = makeLog({ service: 'test', level: 'silent' })
  const part = makeGrpcPart({ host: '127.0.0.1', port: 0, services: [service()], log })
  running = part.run(stopping.signal)
  address = `127.0.0.1:${await part.listening}`
  client = openClient(contract)
  later = openClient(laterContract)
})
afterAll(async () => {
  client.close()
  later.close()
  stopping.abort()
  await running
  rmSync(folder, { recursive: true })
})

const thrownBy = async (call: Promise<unknown>) =>
  call.then(
    () => undefined,
    (error: { code: number; details: string; metadata: Metadata }) => error,
  )
const forever = { deadlineMs: Number.POSITIVE_INFINITY }

test('metadata reaches the handler, a trailer the caller', async () => {
  const metadata = { 'x-name': 'Ana' }
  const said = await client.call('Say', { text: 'hello' }, { deadlineMs: 5_000, metadata })
  expect(said.text).toBe('hello to Ana')
  const refused = await thrownBy(client.call('Say', { text: 'refuse' }, forever))
  expect(refused).toMatchObject({ code: status.NOT_FOUND, details: 'no' })
  expect(refused?.metadata.get('x-code')).toEqual(['no'])
  expect(refused?.metadata.get('x-bin')).toEqual([Buffer.of(7)])
})

test('a field that the definition does not have is told to the handler, whatever its depth', async () => {
  const asked = { text: 'unknown', more: [{ word: 'a' }, { word: 'b', later: 'c' }], later: 'd' }
  const said = await later.call('Say', asked, forever)
  expect(JSON.parse(said.text)).toEqual([
    { path: ['more', '1'], number: 2 },
    { path: [], number: 9 },
  ])
  expect((await later.call('Say', { text: 'unknown' }, forever)).text).toBe('[]')
})

test('what is no message is refused before any handler sees it', async () => {
  const Raw = makeGenericClientConstructor(
    {
      Say: {
        path: '/test.v1.Echo/Say',
        requestStream: false,
        responseStream: false,
        requestSerialize: (bytes: Buffer) => bytes,
        requestDeserialize: (bytes) => bytes,
        responseSerialize: (bytes: Buffer) => bytes,
        responseDeserialize: (bytes) => bytes,
      },
    },
    'test.v1.Echo',
  )
  const raw = new Raw(address, credentials.createInsecure())
  const refused = await thrownBy(
    new Promise((resolve, reject) => {
      raw['Say']?.(Buffer.of(0x0f), (error: Error | null, answer: unknown) =>
        error === null ? resolve(answer) : reject(error),
      )
    }),
  )
  raw.close()
  expect(refused).toMatchObject({ code: status.INVALID_ARGUMENT })
  expect(refused?.details).toBe('the request cannot be read')
})

test('what breaks is told as internal, without its text', async () => {
  const broken = await thrownBy(client.call('Say', { text: 'break' }, forever))
  expect(broken).toMatchObject({ code: status.INTERNAL, details: 'internal' })
})

test('a call without a deadline ends at the bound of the service', async () => {
  const late = await thrownBy(client.call('Say', { text: 'hang' }, forever))
  expect(late).toMatchObject({ code: status.DEADLINE_EXCEEDED })
})

test('a stream goes as fast as its reader, and ends when the reader does', async () => {
  for await (const { text } of client.stream('Count', { text: '' }, { deadlineMs: 5_000 })) {
    await nextTurn()
    if (text === '20') break
  }
  await left.promise
  expect(counted).toBeLessThan(100_000)
})
