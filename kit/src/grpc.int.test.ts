import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type Metadata, status } from '@grpc/grpc-js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Contract, GrpcRefusal, makeGrpcClient, makeGrpcPart, serve } from './grpc.ts'
import { makeLog } from './log.ts'

const proto = `syntax = "proto3";
package test.v1;
service Echo {
  rpc Say(Words) returns (Words);
  rpc Count(Words) returns (stream Words);
}
message Words { string text = 1; }`

interface Words {
  text: string
}

const folder = mkdtempSync(join(tmpdir(), 'quits-grpc-'))
const contract: Contract<{
  Say: { request: Words; response: Words }
  Count: { request: Words; response: Words; stream: true }
}> = { file: join(folder, 'echo.proto'), service: 'test.v1.Echo' }

const left = Promise.withResolvers<void>()
let counted = 0

const service = () =>
  serve(
    contract,
    {
      async Say({ text }, call) {
        if (text === 'refuse') {
          throw new GrpcRefusal(status.NOT_FOUND, 'no', { 'x-code': 'no', 'x-bin': Buffer.of(7) })
        }
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
let client: ReturnType<typeof openClient>
let running: Promise<void>
const openClient = (address: string) => makeGrpcClient({ contract, address })

beforeAll(async () => {
  writeFileSync(contract.file, proto)
  const log = makeLog({ service: 'test', level: 'silent' })
  const part = makeGrpcPart({ host: '127.0.0.1', port: 0, services: [service()], log })
  running = part.run(stopping.signal)
  client = openClient(`127.0.0.1:${await part.listening}`)
})
afterAll(async () => {
  client.close()
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
