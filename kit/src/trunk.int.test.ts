import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { afterEach, expect, test, vi } from 'vitest'
import { makeLog } from './log.ts'
import { makeFarTrunks } from './trunk-far.ts'
import { trunkProtocol, windowBytes } from './trunk-frames.ts'
import { type LineOwner, makeNearTrunks, type NearLine } from './trunk-near.ts'

const log = makeLog({ service: 'test', level: 'silent' })
const stops: (() => void)[] = []
afterEach(() => {
  for (const stop of stops.splice(0).toReversed()) stop()
})

interface Taken {
  request: IncomingMessage
  stream: Duplex
}

/** A service with the far end of trunks, which keeps the lines that it is given. */
const startService = async () => {
  const taken: Taken[] = []
  const trunks: Duplex[] = []
  const far = makeFarTrunks({
    log,
    onUpgrade(request, stream) {
      stream.on('error', () => undefined)
      taken.push({ request, stream })
    },
  })
  const server = createServer()
  server.on('upgrade', (request, socket, head) => {
    trunks.push(socket)
    far.onUpgrade(request, socket, head)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  stops.push(() => {
    for (const socket of trunks) socket.destroy()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, port, taken, trunks, far }
}

/** Someone at the near end who remembers. `takes` false: as a client that reads nothing. */
const makeOwner = (takes = true) => {
  const heard: Buffer[] = []
  const closed = Promise.withResolvers<{ reached: boolean; error: Error | undefined }>()
  let readyCount = 0
  const owner: LineOwner = {
    hear(bytes) {
      heard.push(bytes)
      return takes
    },
    ready() {
      readyCount += 1
    },
    closed: (reached, error) => closed.resolve({ reached, error }),
  }
  return {
    owner,
    closed: closed.promise,
    text: () => Buffer.concat(heard).toString(),
    bytes: () => heard.reduce((sum, { length }) => sum + length, 0),
    readies: () => readyCount,
  }
}

const request = { url: '/v1/feed?a=b', headers: { 'x-forwarded-for': '10.0.0.1' } }

const openLines = async (count: number, takes = true) => {
  const service = await startService()
  const near = makeNearTrunks({ log })
  stops.push(() => near.stop())
  const lines: (ReturnType<typeof makeOwner> & { line: NearLine; stream: Duplex })[] = []
  for (let index = 0; index < count; index += 1) {
    const owner = makeOwner(takes)
    const line = near.open(service.url, request, owner.owner)
    await vi.waitUntil(() => service.taken.length === index + 1)
    const stream = service.taken[index]?.stream
    if (stream === undefined) throw new Error('no stream')
    lines.push({ ...owner, line, stream })
  }
  return { service, near, lines }
}

const readAll = (stream: Duplex) => {
  const read = { text: '' }
  stream.on('data', (bytes: Buffer) => {
    read.text += bytes.toString()
  })
  return read
}

test('lines to one service share a connection, and each is an upgrade of its own', async () => {
  const { service, lines } = await openLines(3)
  expect(service.trunks).toHaveLength(1)
  expect(service.taken[2]?.request).toMatchObject({ method: 'GET', ...request })
  const [first, second, third] = lines
  const read = lines.map(({ stream }) => readAll(stream))
  first?.line.write(Buffer.from('from the first'))
  third?.line.write(Buffer.from('from the third'))
  await vi.waitUntil(() => read[2]?.text === 'from the third')
  expect(read.map(({ text }) => text)).toEqual(['from the first', '', 'from the third'])
  second?.stream.write('for the second')
  await vi.waitUntil(() => second?.text() === 'for the second')
  expect(first?.text()).toBe('')
})

test('bytes for many lines cross once, and keep their order on each of them', async () => {
  const { service, lines } = await openLines(50)
  const [trunk] = service.trunks as Socket[]
  const before = trunk?.bytesWritten ?? 0
  const texts = ['one'.repeat(1_000), 'other'] as const
  const [one, other] = [Buffer.from(texts[0]), Buffer.from(texts[1])]
  for (const [index, { stream }] of lines.entries()) {
    if (index % 2 === 0) stream.write(other)
    stream.write(one)
  }
  for (const { stream } of lines) stream.write(other)
  const wanted = (index: number) => `${index % 2 === 0 ? texts[1] : ''}${texts[0]}${texts[1]}`
  await vi.waitUntil(() => lines.every(({ text }, index) => text() === wanted(index)))
  for (const { stream } of lines) stream.write(one)
  await vi.waitUntil(() => lines.every(({ text }, index) => text() === wanted(index) + texts[0]))

  const mixed = trunk?.bytesWritten ?? 0
  for (const { stream } of lines) stream.write(one)
  await vi.waitUntil(() => (trunk?.bytesWritten ?? 0) > mixed)
  expect((trunk?.bytesWritten ?? 0) - mixed).toBeLessThan(2 * one.length)
  expect(mixed - before).toBeGreaterThan(2 * one.length)
})

test('a line that is not taken fills its window and holds nobody else up', async () => {
  const { lines } = await openLines(2, false)
  const [slow, other] = lines
  if (slow === undefined || other === undefined) throw new Error('no lines')
  const block = Buffer.alloc(windowBytes / 4, 'x')
  let written = 0
  const fill = () => {
    while (written < 40) {
      written += 1
      if (!slow.stream.write(block)) {
        slow.stream.once('drain', fill)
        return
      }
    }
  }
  fill()
  await vi.waitUntil(() => slow.bytes() >= windowBytes)
  for (let turn = 0; turn < 20; turn += 1) {
    other.stream.write('still here')
    await vi.waitUntil(() => other.text() === 'still here'.repeat(turn + 1))
  }
  expect(slow.bytes()).toBe(windowBytes)
  expect(written).toBeLessThan(40)
  while (slow.bytes() < 40 * block.length) {
    const before = slow.bytes()
    slow.line.drained()
    await vi.waitUntil(() => slow.bytes() > before)
  }
  expect(written).toBe(40)
})

test('a trunk that has too much in hand makes its lines wait, and goes on with all of them', async () => {
  const { lines } = await openLines(60)
  const block = 'z'.repeat(windowBytes)
  const written = lines.map(
    ({ stream }) =>
      new Promise<void>((resolve) => void stream.write(Buffer.from(block), () => resolve())),
  )
  // More than it takes at once: some writes have to wait for the first ones to leave.
  expect(lines.some(({ stream }) => stream.writableLength > 0)).toBe(true)
  await Promise.all(written)
  await vi.waitUntil(() => lines.every(({ bytes }) => bytes() === windowBytes))
})

test('a service that does not read makes its client wait, and lets it go on', async () => {
  const { lines } = await openLines(1)
  const [only] = lines
  if (only === undefined) throw new Error('no line')
  const block = Buffer.alloc(16_384, 'y')
  let written = 0
  while (only.line.write(block)) written += 1
  written += 1
  expect(written * block.length).toBe(windowBytes)
  expect(only.readies()).toBe(0)
  const read = readAll(only.stream)
  await vi.waitUntil(() => only.readies() === 1)
  await vi.waitUntil(() => read.text.length === windowBytes)
  expect(only.line.write(block)).toBe(true)
})

test('an end comes after what was written before it, from either side', async () => {
  const { lines } = await openLines(2)
  const [mine, theirs] = lines
  if (mine === undefined || theirs === undefined) throw new Error('no lines')
  theirs.stream.end('farewell')
  expect(await theirs.closed).toEqual({ reached: true, error: undefined })
  expect(theirs.text()).toBe('farewell')

  const read = readAll(mine.stream)
  const ended = once(mine.stream, 'end')
  mine.line.write(Buffer.from('farewell'))
  mine.line.end()
  await ended
  expect(read.text).toBe('farewell')
  mine.stream.end('and to you')
  await mine.closed
  expect(mine.text()).toBe('and to you')
})

test('who goes is gone at the other end, and what still comes for them is dropped', async () => {
  const { lines } = await openLines(3)
  const [left, stays, thrown] = lines
  if (left === undefined) throw new Error('no lines')
  const closed = once(left.stream, 'close')
  left.line.destroy()
  left.stream.write('too late')
  await closed
  thrown?.stream.destroy()
  await thrown?.closed
  thrown?.line.write(Buffer.from('too late'))
  stays?.stream.write('here')
  await vi.waitUntil(() => stays?.text() === 'here')
  expect(left.text()).toBe('')
})

test('with the trunk all its lines are over, at both ends; the next line makes a new one', async () => {
  const { service, near, lines } = await openLines(2)
  const closed = lines.map(({ stream }) => once(stream, 'close'))
  service.trunks[0]?.destroy()
  await Promise.all(closed)
  for (const { closed } of lines) expect(await closed).toMatchObject({ reached: true })
  const owner = makeOwner()
  near.open(service.url, request, owner.owner)
  await vi.waitUntil(() => service.taken.length === 3)
  service.taken[2]?.stream.write('again')
  await vi.waitUntil(() => owner.text() === 'again')
})

test.each<[string, (socket: Socket) => void]>([
  ['hangs up', (socket) => socket.destroy()],
  ['refuses', (socket) => socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n')],
])('a service that %s has heard of no line', async (_name, answer) => {
  const server = createTcpServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', () => answer(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  stops.push(() => server.close())
  const { port } = server.address() as AddressInfo
  const owner = makeOwner()
  makeNearTrunks({ log }).open(`http://127.0.0.1:${port}`, request, owner.owner)
  expect(await owner.closed).toMatchObject({ reached: false, error: expect.any(Error) })
})

test.each([
  [
    'a frame of an unknown kind for a line',
    [1, 1, 0, 0, 0, 2, 0, 0, 0, 123, 125, 9, 1, 0, 0, 0, 0, 0, 0, 0],
  ],
  ['a frame without an end', [2, 1, 0, 0, 0, 255, 255, 255, 255]],
  ['data for lines that are not named', [2, 9, 0, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0]],
  ['an opening that is no JSON', [1, 1, 0, 0, 0, 1, 0, 0, 0, 33]],
])('%s ends the trunk', async (_name, frame) => {
  const service = await startService()
  const socket = connect(service.port, '127.0.0.1')
  socket.write(
    `GET /trunk HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: ${trunkProtocol}\r\n\r\n`,
  )
  await once(socket, 'data')
  const closed = once(socket, 'close')
  socket.write(Buffer.from(frame))
  await closed
  expect(service.trunks[0]?.destroyed).toBe(true)
})
