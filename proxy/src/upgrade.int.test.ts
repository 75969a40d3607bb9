import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { makeLog } from '@quits/kit/log'
import type { Part } from '@quits/kit/run'
import { makeFarTrunks } from '@quits/kit/trunk-far'
import { afterEach, expect, test, vi } from 'vitest'
import { denied, listen, startFrontDoor } from './test-front-door.ts'

const log = makeLog({ service: 'test', level: 'silent' })
const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop()
})

type OnUpgrade = (request: IncomingMessage, socket: Duplex) => void

const guid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
const accept: OnUpgrade = (request, socket) => {
  const key = request.headers['sec-websocket-key'] ?? ''
  const proof = createHash('sha1')
    .update(key + guid)
    .digest('base64')
  socket.write(
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      `Sec-WebSocket-Accept: ${proof}\r\nSec-WebSocket-Protocol: quits.feed.v1\r\n\r\n`,
  )
  socket.pipe(socket)
}

const frontDoor = async (
  onUpgrade: OnUpgrade = accept,
  options: Parameters<typeof startFrontDoor>[0] = {},
) => {
  const upstream: { requests: IncomingMessage[]; sockets: Duplex[] } = { requests: [], sockets: [] }
  const notifier = createServer()
  const trunks = makeFarTrunks({
    log,
    onUpgrade(request, socket) {
      upstream.requests.push(request)
      upstream.sockets.push(socket)
      socket.on('error', () => socket.destroy())
      socket.on('end', () => socket.end())
      onUpgrade(request, socket)
    },
  })
  notifier.on('upgrade', trunks.onUpgrade)
  const door = await startFrontDoor({ notifier, ...options })
  stops.push(async () => {
    for (const socket of upstream.sockets) socket.destroy()
    await door.stop()
  })
  return { door, upstream }
}

const hello = (path = '/v1/feed', extra = '') =>
  `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n` +
  `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${extra}\r\n`

/** A client that keeps its connection open and collects what comes. */
const client = (port: number, bytes: string) => {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => socket.destroy())
  socket.write(bytes)
  const received = { text: '' }
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    received.text += chunk
  })
  return { socket, received }
}
const opened = async (port: number, bytes = hello()) => {
  const connection = client(port, bytes)
  await vi.waitUntil(() => connection.received.text.includes('\r\n\r\n'))
  return connection
}

test('a WebSocket passes both ways, with its subprotocol, and without forged headers', async () => {
  const { door, upstream } = await frontDoor()
  const extra =
    'X-User-Id: 42\r\nX-Forwarded-For: 6.6.6.6\r\nSec-WebSocket-Protocol: quits.feed.v1\r\n'
  const { socket, received } = await opened(door.port, hello('/v1/feed', extra))
  expect(received.text).toContain('HTTP/1.1 101')
  expect(received.text).toContain('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=')
  socket.write('over and out')
  await vi.waitUntil(() => received.text.endsWith('over and out'))
  const headers = upstream.requests[0]?.headers
  expect(headers).toMatchObject({
    'x-forwarded-for': '127.0.0.1',
    'sec-websocket-protocol': 'quits.feed.v1',
  })
  expect(headers).not.toHaveProperty('x-user-id')
  expect(door.throttler.asked).toMatchObject([{ routeClass: 'feed', address: '127.0.0.1' }])
  socket.destroy()
})

test('what a client sends together with its upgrade is not lost', async () => {
  const { door } = await frontDoor()
  const { received, socket } = await opened(door.port, `${hello()}early`)
  await vi.waitUntil(() => received.text.endsWith('early'))
  expect(received.text).toContain('HTTP/1.1 101')
  socket.destroy()
})

test('a refused upgrade is a 429 by hand, and the notifier hears nothing', async () => {
  const { door, upstream } = await frontDoor(accept, { decide: () => denied })
  const answer = await door.raw(hello())
  expect(answer).toContain('HTTP/1.1 429 Too Many Requests')
  expect(answer).toContain('retry-after: 2')
  expect(answer).toContain('ratelimit: "test";r=0;t=1')
  expect(answer).toContain('"code":"too_many_requests"')
  expect(upstream.requests).toEqual([])
})

test('a WebSocket elsewhere is refused', async () => {
  const { door, upstream } = await frontDoor()
  for (const path of ['/', '/v1/debts', '/v1/feed/tickets']) {
    expect(await door.raw(hello(path))).toContain('HTTP/1.1 404')
  }
  expect(await door.raw(hello('/v1/../v1/feed'))).toMatch(/HTTP\/1\.1 40[04]/)
  expect(upstream.requests).toEqual([])
})

test('while the notifier is down the client is told', async () => {
  const { door } = await frontDoor(accept, { env: { NOTIFIER_URL: 'http://127.0.0.1:1' } })
  const answer = await door.raw(hello())
  expect(answer).toContain('HTTP/1.1 502')
  expect(answer).toContain('"code":"upstream_unavailable"')
})

const connectionsOf = (server: Server | undefined) =>
  new Promise<number>((resolve, reject) => {
    if (server === undefined) return resolve(0)
    server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)))
  })

test('sockets are spread over several notifiers, and go to the others when one is gone', async () => {
  const servers = [createServer(), createServer()]
  const took = servers.map(() => 0)
  const ends: Part[] = []
  for (const [index, server] of servers.entries()) {
    const trunks = makeFarTrunks({
      log,
      onUpgrade(request, socket) {
        took[index] = (took[index] ?? 0) + 1
        accept(request, socket)
      },
    })
    server.on('upgrade', trunks.onUpgrade)
    ends.push(trunks.part)
  }
  const ports = await Promise.all(servers.map(listen))
  const urls = ports.map((port) => `http://127.0.0.1:${port}`)
  const { door } = await frontDoor(accept, { env: { NOTIFIER_URL: urls.join(',') } })
  const sockets = await Promise.all(Array.from({ length: 20 }, () => opened(door.port)))
  expect(took).toEqual([10, 10])

  for (const { socket } of sockets) socket.destroy()
  await vi.waitUntil(async () => (await door.metric('quits_proxy_upgrades')) === 0)
  servers[0]?.close()
  await ends[0]?.run(AbortSignal.abort())
  await vi.waitUntil(async () => (await connectionsOf(servers[0])) === 0)
  const answers = []
  for (let place = 0; place < 6; place += 1) answers.push(await opened(door.port))
  for (const { received } of answers) expect(received.text).toContain('HTTP/1.1 101')
  expect(took).toEqual([10, 16])
  for (const { socket } of answers) socket.destroy()
  servers[1]?.close()
  await ends[1]?.run(AbortSignal.abort())
})

test('a refusal of the notifier passes with its body, and its connection is closed', async () => {
  const { door, upstream } = await frontDoor((_request, socket) => {
    socket.resume().write('HTTP/1.1 403 Forbidden\r\nServer: x\r\nContent-Length: 4\r\n\r\nno')
    setImmediate(() => socket.write('pe and more'))
  })
  const { received, socket } = client(door.port, hello())
  await once(socket, 'close')
  expect(received.text).toContain('HTTP/1.1 403')
  expect(received.text).not.toContain('Server')
  expect(received.text.endsWith('\r\n\r\nnope')).toBe(true)
  await vi.waitUntil(() => upstream.sockets[0]?.destroyed === true)
})

test.each<[string, (socket: Socket) => unknown]>([
  ['closes', (socket) => socket.end()],
  ['vanishes', (socket) => socket.destroy()],
  ['resets', (socket) => socket.resetAndDestroy()],
])('when the client %s, the notifier is left too', async (_name, leave) => {
  const { door, upstream } = await frontDoor()
  const clients = await Promise.all(Array.from({ length: 20 }, () => opened(door.port)))
  for (const { socket } of clients) leave(socket)
  await vi.waitUntil(() => upstream.sockets.every(({ destroyed }) => destroyed))
  expect(upstream.sockets).toHaveLength(20)
  await vi.waitUntil(async () => (await door.metric('quits_proxy_upgrades')) === 0)
})

test.each<[string, (socket: Duplex) => unknown]>([
  ['closes', (socket) => socket.end()],
  ['vanishes', (socket) => socket.destroy()],
])('when the notifier %s, the client is closed too', async (_name, leave) => {
  const { door, upstream } = await frontDoor()
  const { socket } = await opened(door.port)
  const closed = once(socket, 'close')
  const [tcp] = upstream.sockets
  if (tcp !== undefined) leave(tcp)
  await closed
  expect(socket.destroyed).toBe(true)
})

/** A notifier that writes so many blocks of 64 KiB as fast as they are taken, and counts them. */
const floodOf = (blocks: number) => {
  const flood = { written: 0 }
  const onUpgrade: OnUpgrade = (request, socket) => {
    accept(request, socket)
    const fill = () => {
      while (flood.written < blocks && !socket.destroyed) {
        flood.written += 1
        if (!socket.write(Buffer.alloc(65_536, flood.written - 1))) {
          socket.once('drain', fill)
          return
        }
      }
    }
    fill()
  }
  return { flood, onUpgrade }
}

/** Nothing is read: what one side can hold is far less than what the other wants to send. */
const heldUp = (url: string, flood: { written: number }) =>
  vi.waitFor(async () => {
    const before = flood.written
    await (await fetch(`${url}/v1/debts`)).text()
    expect(flood.written).toBeGreaterThan(0)
    expect(flood.written).toBe(before)
  })

test('a client that takes nothing is let go, though the notifier has given it up before', async () => {
  const { flood, onUpgrade } = floodOf(1_024)
  const env = { CLIENT_STALL_MS: '1000' }
  const { door, upstream } = await frontDoor(onUpgrade, { env })
  const stalled = connect(door.port, '127.0.0.1')
  stalled.on('error', () => undefined).write(hello())
  await heldUp(door.url, flood)
  expect(await door.metric('quits_proxy_upgrades')).toBe(1)
  upstream.sockets[0]?.destroy()
  await vi.waitUntil(async () => (await door.metric('quits_proxy_upgrades')) === 0, patience)
  stalled.destroy()
})
const patience = { timeout: 20_000 }

test('a slow client holds the notifier up, and still gets every byte in order', async () => {
  const blocks = 256
  const { flood, onUpgrade } = floodOf(blocks)
  const { door } = await frontDoor(onUpgrade)
  const socket = connect(door.port, '127.0.0.1')
  socket.write(hello())
  await heldUp(door.url, flood)
  expect(flood.written).toBeLessThan(blocks)
  const received: Buffer[] = []
  let bytes = 0
  socket.on('data', (chunk: Buffer) => {
    received.push(chunk)
    bytes += chunk.length
  })
  await vi.waitUntil(() => bytes > blocks * 65_536, { timeout: 20_000 })
  const all = Buffer.concat(received)
  const body = all.subarray(all.indexOf('\r\n\r\n') + 4)
  expect(
    body.equals(
      Buffer.concat(Array.from({ length: blocks }, (_, index) => Buffer.alloc(65_536, index))),
    ),
  ).toBe(true)
  socket.destroy()
})

test('a client that leaves before the handshake leaves nothing open', async () => {
  const { door, upstream } = await frontDoor((_request, socket) => void socket.resume())
  const { socket } = client(door.port, hello())
  await vi.waitUntil(() => upstream.sockets.length === 1)
  socket.resetAndDestroy()
  await vi.waitUntil(() => upstream.sockets[0]?.destroyed === true)
  expect(await door.metric('quits_proxy_upgrades')).toBe(0)
})

test('open WebSockets do not hold up the stop', async () => {
  const { door } = await frontDoor()
  const { socket } = await opened(door.port)
  const closed = once(socket, 'close')
  await Promise.all([stops.pop()?.(), closed])
  expect(socket.destroyed).toBe(true)
})
