// The crowd: many raw sockets that count what they get and check that each number follows the one
// before. It speaks just enough of the protocols to be a client, and reads into one shared buffer.
import { connect, type Socket } from 'node:net'
import type { Arrival, Guest, OpenWish, Wish, Word } from './crowd-words.ts'
import {
  clientFrame,
  type Count,
  countMessage,
  countNats,
  eachFrame,
  eventStart,
  newCount,
  numberAt,
  startsWith,
} from './counting.ts'

interface Seat {
  socket: Socket
  count: Count
  /** In nats: the protocol's bytes that are not whole yet. */
  stream: Buffer | undefined
  head: Buffer | undefined
}

const bufferBytes = 262_144
const textFrame = 1
const binaryFrame = 2
const closeFrame = 8
const pongFrame = 10
const pingFrame = 9
const pingStart = Buffer.from('{"type":"ping"')
const replayedStart = Buffer.from('{"type":"replayed"')
const welcomeStart = Buffer.from('{"type":"welcome"')
const pong = clientFrame('{"type":"pong"}', textFrame)
const natsHello = clientFrame(
  'CONNECT {"verbose":false,"pedantic":false,"echo":false}\r\nSUB feed 1\r\nPING\r\n',
  binaryFrame,
)
const natsPong = clientFrame('PONG\r\n', binaryFrame)
const headEnd = Buffer.from('\r\n\r\n')

const shared = Buffer.alloc(bufferBytes)
const now = () => performance.timeOrigin + performance.now()
const say = (word: Word) => process.send?.(word)

let seats: Seat[] = []
let wish: OpenWish | undefined
let next = 0
let arrived = 0
let startedMs = 0
let messages = 0
let goal = Number.POSITIVE_INFINITY
let firstMs = 0
let arrivals: Arrival[] = []
let leaving = false

function fail(why: string): void {
  if (!leaving) say({ what: 'failed', why })
}

/** One more is in; the next may come. */
function isIn(): void {
  arrived += 1
  if (wish === undefined) return
  if (arrived === wish.guests.length) say({ what: 'opened', ms: now() - startedMs })
  else if (next < wish.guests.length) enter(wish)
}

function enter(at: OpenWish): void {
  const guest = at.guests[next]
  if (guest === undefined) return
  next += 1
  const socket: Socket = connect({
    host: '127.0.0.1',
    port: at.port,
    noDelay: true,
    onread: {
      buffer: shared,
      callback: (size) => {
        hear(at, seat, guest, shared.subarray(0, size))
        return true
      },
    },
  })
  const seat: Seat = {
    socket,
    count: newCount(guest.last),
    stream: undefined,
    head: Buffer.alloc(0),
  }
  seats.push(seat)
  const path = at.kind === 'feed' ? '/v1/feed' : '/'
  const protocol = at.kind === 'feed' ? 'Sec-WebSocket-Protocol: quits.feed.v1\r\n' : ''
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${at.port}\r\nConnection: Upgrade\r\n` +
      `Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n${protocol}` +
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  )
  socket.on('error', (error) => fail(error.message))
  socket.on('close', () =>
    fail(`${at.kind === 'feed' ? 'the front door' : 'nats-server'} closed a socket`),
  )
}

function hear(at: OpenWish, seat: Seat, guest: Guest, chunk: Buffer): void {
  if (seat.head !== undefined) {
    const bytes = Buffer.concat([seat.head, chunk])
    const end = bytes.indexOf(headEnd)
    if (end < 0) {
      seat.head = bytes
      return
    }
    const [line = ''] = bytes.toString('latin1', 0, end).split('\r\n')
    if (!line.includes(' 101 ')) return fail(`an upgrade was answered by ${line}`)
    seat.head = undefined
    if (at.kind === 'nats') seat.socket.write(natsHello)
    else if (guest.connect === undefined) isIn()
    else seat.socket.write(clientFrame(guest.connect, textFrame))
    const left = bytes.subarray(end + headEnd.length)
    if (left.length > 0) hear(at, seat, guest, left)
    return
  }
  const before = seat.count.messages
  if (at.kind === 'nats') hearNats(seat, chunk)
  else
    eachFrame(seat.count, chunk, (bytes, start, end, opcode) => {
      hearFeed(at, seat, bytes, start, end, opcode)
    })
  const more = seat.count.messages - before
  if (more > 0) counted(more)
}

function counted(more: number): void {
  if (firstMs === 0) firstMs = now()
  messages += more
  if (messages < goal) return
  goal = Number.POSITIVE_INFINITY
  say({ what: 'reached', firstMs, lastMs: now(), messages })
}

function hearFeed(
  at: OpenWish,
  seat: Seat,
  bytes: Buffer,
  start: number,
  end: number,
  opcode: number,
): void {
  if (opcode === closeFrame) {
    return fail(
      `a server said goodbye: ${bytes.toString('latin1', start + 2, end)} ${bytes.readUInt16BE(start)}`,
    )
  }
  if (startsWith(bytes, start, eventStart)) {
    countMessage(seat.count, numberAt(bytes, start + eventStart.length))
    if (at.records) {
      const { id } = JSON.parse(bytes.toString('utf8', start, end)) as { id: string }
      arrivals.push([id, now()])
    }
    return
  }
  if (startsWith(bytes, start, pingStart)) {
    seat.socket.write(pong)
    return
  }
  if (startsWith(bytes, start, welcomeStart)) {
    const { head, recovered } = JSON.parse(bytes.toString('utf8', start, end)) as {
      head: number
      recovered: boolean
    }
    // Whoever missed something is in when it has it.
    if (recovered) return
    seat.count.last = head
    return isIn()
  }
  if (startsWith(bytes, start, replayedStart)) return isIn()
  fail(`an unexpected frame: ${bytes.toString('utf8', start, end)}`)
}

function hearNats(seat: Seat, chunk: Buffer): void {
  eachFrame(seat.count, chunk, (bytes, start, end, opcode) => {
    if (opcode === pingFrame) {
      seat.socket.write(clientFrame(bytes.toString('latin1', start, end), pongFrame))
      return
    }
    if (opcode === closeFrame) return fail('nats-server said goodbye')
    const payload = bytes.subarray(start, end)
    const stream = seat.stream === undefined ? payload : Buffer.concat([seat.stream, payload])
    const read = countNats(seat.count, stream, (line) => {
      if (line === 'PONG') isIn()
      else if (line === 'PING') seat.socket.write(natsPong)
      else if (!line.startsWith('INFO ')) fail(`nats-server said ${line}`)
    })
    seat.stream = read < stream.length ? Buffer.from(stream.subarray(read)) : undefined
  })
}

async function close(): Promise<void> {
  leaving = true
  const closed = seats.map(
    ({ socket }) =>
      new Promise<void>((resolve) => {
        if (socket.destroyed) return resolve()
        socket.once('close', () => resolve())
        socket.destroy()
      }),
  )
  await Promise.all(closed)
  seats = []
  arrivals = []
  leaving = false
  say({ what: 'closed' })
}

process.on('message', (heard: Wish) => {
  if (heard.what === 'open') {
    wish = heard
    next = 0
    arrived = 0
    messages = 0
    startedMs = now()
    for (let index = 0; index < heard.window; index += 1) enter(heard)
  } else if (heard.what === 'expect') {
    messages = 0
    firstMs = 0
    goal = heard.messages * seats.length
    say({ what: 'expecting' })
  } else if (heard.what === 'take') {
    const faults = seats.reduce((sum, { count }) => sum + count.faults, 0)
    const all = seats.reduce((sum, { count }) => sum + count.messages, 0)
    say({ what: 'taken', arrivals, open: seats.length, faults, messages: all })
    arrivals = []
  } else {
    close().catch((error: unknown) => fail(String(error)))
  }
})
process.once('disconnect', () => process.exit(0))
say({ what: 'ready' })
