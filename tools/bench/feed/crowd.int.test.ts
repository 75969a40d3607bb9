import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { startCrowd } from './crowd.ts'

const people = 5
const event = (seq: number) => `{"type":"event","seq":${seq},"id":"book:${seq}"}`
const welcome = '{"type":"welcome","epoch":1,"head":7,"recovered":false}'

let http: ReturnType<typeof createServer>
let sockets: WebSocket[]
let crowd: Awaited<ReturnType<typeof startCrowd>>

/** A server that welcomes everybody at place 7; what it sends then is the test's. */
beforeEach(async () => {
  sockets = []
  http = createServer().listen(0, '127.0.0.1')
  await once(http, 'listening')
  const server = new WebSocketServer({ server: http })
  server.on('connection', (socket) => {
    sockets.push(socket)
    socket.once('message', () => socket.send(welcome))
  })
  crowd = await startCrowd()
  const guests = Array.from({ length: people }, () => ({ connect: 'hello', last: 0 }))
  const { port } = http.address() as AddressInfo
  await crowd.open({ kind: 'feed', port, guests, records: true })
})
afterEach(async () => {
  await crowd.stop()
  http.closeAllConnections()
  http.close()
})

const send = async (texts: string[]) => {
  for (const socket of sockets) for (const text of texts) socket.send(text)
}

test('it counts what everybody got, and when', async () => {
  const got = await crowd.receive(2, () => send([event(8), event(9)]))
  expect(got.messages).toBe(2 * people)
  const taken = await crowd.take()
  expect(taken).toMatchObject({ messages: 2 * people, faults: 0, open: people })
  const ids = taken.arrivals.map(([id]) => id)
  expect(ids.filter((id) => id === 'book:8')).toHaveLength(people)
  await crowd.close()
})

test.each([
  ['a hole', [event(9), event(10)]],
  ['a repetition', [event(8), event(8)]],
])('%s is seen on every socket', async (_name, texts) => {
  await crowd.receive(2, () => send(texts))
  expect((await crowd.take()).faults).toBe(people)
})

test('what comes sooner than expected is counted all the same', async () => {
  await crowd.receive(1, () => send([event(8), event(9)]))
  await crowd.receive(1, () => send([event(10)]))
  expect((await crowd.take()).messages).toBe(3 * people)
})

test.each([
  ['closed', (socket: WebSocket) => socket.close(4001), 'goodbye'],
  ['cut', (socket: WebSocket) => socket.terminate(), 'closed a socket'],
  ['told of a gap', (socket: WebSocket) => socket.send('{"type":"gap"}'), 'unexpected'],
])('a socket that is %s ends the run', async (_name, act, why) => {
  const waiting = crowd.receive(1, async () => {
    const [socket] = sockets
    if (socket !== undefined) act(socket)
  })
  await expect(waiting).rejects.toThrow(why)
})
