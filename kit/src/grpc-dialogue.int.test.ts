import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type ClientDuplexStream,
  credentials,
  makeGenericClientConstructor,
  type StatusObject,
  status,
} from '@grpc/grpc-js'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Contract, GrpcRefusal, makeGrpcClient, makeGrpcPart, serve } from './grpc.ts'
import { makeLog } from './log.ts'

const proto = `syntax = "proto3";
package test.v1;
service Echo {
  rpc Say(Words) returns (Words);
  rpc Talk(stream Words) returns (stream Words);
}
message Words { string text = 1; }`

interface Words {
  text: string
}

const folder = mkdtempSync(join(tmpdir(), 'quits-dialogue-'))
const contract: Contract<{
  Say: { request: Words; response: Words }
  Talk: { request: Words; response: Words; dialogue: true }
}> = { file: join(folder, 'echo.proto'), service: 'test.v1.Echo' }

const log = makeLog({ service: 'test', level: 'silent' })
const host = '127.0.0.1'
/** More than a server takes, and more than a client leaves unanswered. */
const [takenMax, unansweredMax] = [128, 1_000]
const patient = { deadlineMs: Number.POSITIVE_INFINITY }

/** What a server has taken and not answered; a test answers by name. */
const makeHands = () => {
  const held = new Map<string, PromiseWithResolvers<void>>()
  const here = new Map<string, PromiseWithResolvers<void>>()
  const of = (map: typeof held, text: string) => {
    const one = map.get(text) ?? Promise.withResolvers<void>()
    map.set(text, one)
    return one
  }
  const taken: string[] = []
  return {
    taken,
    /** When the handler has it. */
    has: (text: string) => of(here, text).promise,
    release: (text: string) => of(held, text).resolve(),
    async take(text: string) {
      taken.push(text)
      of(here, text).resolve()
      if (text.startsWith('hold')) await of(held, text).promise
    },
  }
}

/** A server in this process; `left` counts the requests that nobody waits for any more. */
const startServer = async (port = 0, deadlineMsMax = 10_000) => {
  const stopping = new AbortController()
  const hands = makeHands()
  const left: string[] = []
  const echo = serve(
    contract,
    {
      Say: async ({ text }) => ({ text }),
      async Talk({ text }, call) {
        call.signal.addEventListener('abort', () => left.push(text))
        await hands.take(text)
        if (text === 'refuse') throw new GrpcRefusal(status.NOT_FOUND, 'no')
        if (text === 'break') throw new Error('a secret')
        return { text: text === 'unknown' ? JSON.stringify(call.unknownFields()) : text }
      },
    },
    { deadlineMsMax },
  )
  const part = makeGrpcPart({ host, port, services: [echo], log })
  const running = part.run(stopping.signal)
  return {
    ...hands,
    left,
    port: await part.listening,
    stop() {
      stopping.abort()
      return running
    },
  }
}

const asBytes = (bytes: Buffer) => bytes
const Raw = makeGenericClientConstructor(
  {
    Talk: {
      path: '/test.v1.Echo/Talk',
      requestStream: true,
      responseStream: true,
      requestSerialize: asBytes,
      requestDeserialize: asBytes,
      responseSerialize: asBytes,
      responseDeserialize: asBytes,
    },
  },
  'test.v1.Echo',
)
/** `text` as the definition writes it: field 1, of bytes. */
const words = (text: string) => Buffer.of(0x0a, text.length, ...Buffer.from(text))

/** A dialogue without our client: what came on it, and its status. */
const openRaw = () => {
  const raw = new Raw(`${host}:${server.port}`, credentials.createInsecure())
  const stream: ClientDuplexStream<Buffer, Buffer> = raw['Talk']?.()
  const answers: string[] = []
  stream.on('data', (bytes: Buffer) => answers.push(bytes.subarray(2).toString()))
  stream.on('error', () => undefined)
  const ended = new Promise<Partial<StatusObject> & { answers: string[] }>((resolve) => {
    stream.once('status', ({ code, details }) => {
      raw.close()
      resolve({ code, details, answers })
    })
  })
  return { stream, ended }
}

const openClient = () => makeGrpcClient({ contract, address: `${host}:${server.port}` })
const thrownBy = async (asking: Promise<unknown>) =>
  asking.then(
    () => undefined,
    (error: Error & { code: number }) => error,
  )

let server: Awaited<ReturnType<typeof startServer>>
let client: ReturnType<typeof openClient>
const ask = (text: string, asking = patient) => client.dialogue('Talk').ask({ text }, asking)

beforeAll(() => writeFileSync(contract.file, proto))
afterAll(() => rmSync(folder, { recursive: true }))
beforeEach(async () => {
  server = await startServer()
  client = openClient()
})
afterEach(async () => {
  client.close()
  await server.stop()
})

test('requests are handled side by side, and answered in their order', async () => {
  const { stream, ended } = openRaw()
  for (const text of ['hold', 'b', 'c']) stream.write(words(text))
  stream.end()
  await server.has('c')
  server.release('hold')
  expect(await ended).toMatchObject({ code: status.OK, answers: ['hold', 'b', 'c'] })
})

test('a late answer is dropped, and never given to the next one who asks', async () => {
  const late = await thrownBy(ask('hold', { deadlineMs: 1 }))
  expect(late?.code).toBe(status.DEADLINE_EXCEEDED)
  const next = ask('next')
  await server.has('next')
  server.release('hold')
  expect(await next).toEqual({ text: 'next' })
  expect(server.taken).toEqual(['hold', 'next'])
})

test('a field that the definition does not have is told to the handler', async () => {
  const { stream, ended } = openRaw()
  stream.end(Buffer.concat([words('unknown'), Buffer.of(0x48, 1)]))
  expect((await ended).answers).toEqual([JSON.stringify([{ path: [], number: 9 }])])
})

test('what is no message ends the dialogue after the answers before it', async () => {
  const { stream, ended } = openRaw()
  stream.write(words('hold'))
  stream.write(Buffer.of(0x0f))
  await server.has('hold')
  server.release('hold')
  expect(await ended).toEqual({
    code: status.INVALID_ARGUMENT,
    details: 'the request cannot be read',
    answers: ['hold'],
  })
})

test('a refusal ends the dialogue with its status, what breaks as internal without its text', async () => {
  const asked = ['hold', 'refuse', 'after'].map((text) => thrownBy(ask(text)))
  await server.has('refuse')
  server.release('hold')
  const [before, refused, after] = await Promise.all(asked)
  expect(before).toBeUndefined()
  expect([refused?.code, after?.code]).toEqual([status.NOT_FOUND, status.NOT_FOUND])

  const broken = await thrownBy(ask('break'))
  expect(broken).toMatchObject({ code: status.INTERNAL, message: '13 INTERNAL: internal' })
  expect(await ask('on')).toEqual({ text: 'on' })
})

test('the bound of the service holds for each request, and who is left hears so', async () => {
  await server.stop()
  server = await startServer(server.port, 100)
  expect(await client.ready(5_000)).toBe(true)
  const asked = ['hold 1', 'hold 2'].map((text) => thrownBy(ask(text)))
  const ended = await Promise.all(asked)
  expect(ended.map((error) => error?.code)).toEqual(Array(2).fill(status.DEADLINE_EXCEEDED))
  expect(server.left.toSorted()).toEqual(['hold 1', 'hold 2'])
})

test('who cancels a dialogue is no longer waited for', async () => {
  const asked = thrownBy(ask('hold'))
  await server.has('hold')
  client.close()
  expect((await asked)?.code).toBe(status.CANCELLED)
  await server.stop()
  expect(server.left).toEqual(['hold'])
})

test('a server that stops answers what it has taken, and ends the dialogue in peace', async () => {
  const { stream, ended } = openRaw()
  const idle = openRaw()
  idle.stream.write(words('said'))
  await once(idle.stream, 'data')
  stream.write(words('hold'))
  await server.has('hold')
  const stopped = server.stop()
  server.release('hold')
  expect(await ended).toMatchObject({ code: status.OK, answers: ['hold'] })
  expect(await idle.ended).toMatchObject({ code: status.OK, answers: ['said'] })
  await stopped
})

test('what a server leaves unanswered is rejected, and asked again once it is back', async () => {
  const asked = Array.from({ length: takenMax + 50 }, (_, index) =>
    thrownBy(ask(index === 0 ? 'hold' : String(index))),
  )
  await server.has(String(takenMax - 1))
  const stopped = server.stop()
  server.release('hold')
  const codes = (await Promise.all(asked)).map((error) => error?.code)
  expect(codes.slice(0, takenMax)).toEqual(Array(takenMax).fill(undefined))
  expect(codes.slice(takenMax)).toEqual(Array(50).fill(status.UNAVAILABLE))
  await stopped

  expect((await thrownBy(ask('nobody there')))?.code).toBe(status.UNAVAILABLE)
  server = await startServer(server.port)
  expect(await client.ready(5_000)).toBe(true)
  expect(await ask('again')).toEqual({ text: 'again' })
})

test('a server takes no more than it may hold until it has answered', async () => {
  const asked = Array.from({ length: unansweredMax }, (_, index) =>
    ask(index === 0 ? 'hold' : String(index)),
  )
  await server.has(String(takenMax - 1))
  // On the same connection: had it been read further, this would have come after the rest.
  for (let round = 0; round < 20; round++) await client.call('Say', { text: '' }, patient)
  expect(server.taken).toHaveLength(takenMax)
  server.release('hold')
  const answers = await Promise.all(asked)
  expect(answers.map(({ text }) => text)).toEqual(server.taken)
  expect(answers).toHaveLength(unansweredMax)
})

test('a server that stays silent is left, and asked anew', async () => {
  const silent = Array.from({ length: unansweredMax }, (_, index) => thrownBy(ask(`hold ${index}`)))
  await server.has(`hold ${takenMax - 1}`)
  expect(await ask('anew')).toEqual({ text: 'anew' })
  const codes = new Set((await Promise.all(silent)).map((error) => error?.code))
  expect(codes).toEqual(new Set([status.RESOURCE_EXHAUSTED]))
})

test('an answer that waits for its reader holds the next ones back', async () => {
  const { stream, ended } = openRaw()
  stream.pause()
  const text = 'x'.repeat(100)
  for (let asked = 0; asked < 5_000; asked++) stream.write(words(text))
  stream.end()
  await server.has(text)
  for (let round = 0; round < 20; round++) await client.call('Say', { text: '' }, patient)
  expect(server.taken.length).toBeLessThan(5_000)
  stream.resume()
  expect((await ended).answers).toHaveLength(5_000)
})
