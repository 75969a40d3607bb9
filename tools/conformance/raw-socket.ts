// A WebSocket client that can do what no client may: a TCP socket, a handshake, and bytes.
import { randomBytes } from 'node:crypto'
import { connect as connectTcp, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import { closeBytes, frameBytes, opcodes, type ParsedFrame, parseFrame } from './bytes.ts'

export interface Handshake {
  /** What is offered as subprotocol; undefined offers none. */
  protocol?: string | undefined
  origin?: string
  /** Header lines that replace the usual ones of the same name. */
  headers?: Record<string, string>
  path?: string
}

/** How a connection ended: with a close code, or cut off without one. */
export interface Ending {
  code: number | undefined
}

export type RawSocket = Awaited<ReturnType<typeof openRaw>>

export const feedProtocol = 'quits.feed.v1'
const feedPath = '/v1/feed'
const answerMsMax = 10_000
const headBytesMax = 65_536
const patienceMsMax = 60_000

/** Opens a connection and waits for the answer's head, whatever it says. */
export async function openRaw(url: string, handshake: Handshake = { protocol: feedProtocol }) {
  for (let waitedMs = 0; ; ) {
    const raw = await openOnce(url, handshake)
    const isBusy = raw.status === 429 || raw.status === 503
    if (!isBusy || waitedMs >= patienceMsMax) return raw
    raw.cut()
    const waitMs = 1_000 * Math.max(1, Number(raw.headers.get('retry-after') ?? 1))
    waitedMs += waitMs
    await delay(waitMs)
  }
}

async function openOnce(url: string, handshake: Handshake) {
  const { hostname, port, protocol } = new URL(url)
  const isSafe = protocol === 'https:' || protocol === 'wss:'
  const portNumber = port === '' ? (isSafe ? 443 : 80) : Number(port)
  const socket = isSafe
    ? connectTls({ host: hostname, port: portNumber, servername: hostname })
    : connectTcp(portNumber, hostname)
  // Every end of the connection is told by `close`.
  socket.on('error', () => undefined)
  socket.write(requestOf(`${hostname}:${portNumber}`, handshake))
  const head = await readHead(socket)
  return { ...head, ...talk(socket, head.rest), socket }
}

const requestOf = (host: string, { protocol, origin, headers, path = feedPath }: Handshake) => {
  const lines: Record<string, string> = {
    Host: host,
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
    ...(protocol === undefined ? {} : { 'Sec-WebSocket-Protocol': protocol }),
    ...(origin === undefined ? {} : { Origin: origin }),
    ...headers,
  }
  const text = Object.entries(lines).map(([name, value]) => `${name}: ${value}\r\n`)
  return `GET ${path} HTTP/1.1\r\n${text.join('')}\r\n`
}

/** The status line and headers; status 0 when the connection ended before. */
const readHead = (socket: Socket) =>
  new Promise<{ status: number; headers: Map<string, string>; rest: Buffer }>((resolve, reject) => {
    let bytes = Buffer.alloc(0)
    const late = setTimeout(() => {
      socket.destroy()
      reject(new Error('no answer to the handshake'))
    }, answerMsMax)
    const finish = (end: number) => {
      clearTimeout(late)
      socket.off('data', take)
      socket.off('close', gone)
      const [statusLine = '', ...lines] = bytes
        .subarray(0, Math.max(0, end))
        .toString()
        .split('\r\n')
      const headers = new Map(
        lines.map((line) => {
          const colon = line.indexOf(':')
          return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const
        }),
      )
      const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(statusLine)?.[1] ?? 0)
      resolve({ status, headers, rest: bytes.subarray(end + 4) })
    }
    const gone = () => finish(-1)
    const take = (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk])
      const end = bytes.indexOf('\r\n\r\n')
      if (end !== -1) finish(end)
      else if (bytes.length > headBytesMax) socket.destroy()
    }
    socket.on('data', take)
    socket.once('close', gone)
  })

/** After the handshake: frames in, bytes out, and how it ended. */
const talk = (socket: Socket, first: Buffer) => {
  let rest = first
  const ended = Promise.withResolvers<Ending>()
  let code: number | undefined
  let hear: (frame: ParsedFrame) => void = () => undefined
  const early: ParsedFrame[] = []

  const take = (frame: ParsedFrame) => {
    if (frame.opcode === opcodes.close) {
      code = frame.payload.length >= 2 ? frame.payload.readUInt16BE() : 1005
      // The other half of the closing handshake; the server ends the connection then.
      socket.write(closeBytes(code === 1005 ? 1000 : code))
    }
    if (frame.opcode === opcodes.ping) {
      socket.write(frameBytes({ opcode: opcodes.pong, payload: frame.payload }))
    }
    early.push(frame)
    hear(frame)
  }
  const read = (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk])
    for (let found = parseFrame(rest); found !== undefined; found = parseFrame(rest)) {
      rest = found.rest
      take(found.frame)
    }
  }
  socket.on('data', read)
  socket.once('close', () => ended.resolve({ code }))
  if (socket.destroyed) ended.resolve({ code })
  read(Buffer.alloc(0))

  return {
    /** Resolves when the connection is gone. */
    ended: ended.promise,
    send(...pieces: Buffer[]): void {
      for (const piece of pieces) socket.write(piece)
    },
    /** Calls `hearer` with every frame, also those that came before. */
    listen(hearer: (frame: ParsedFrame) => void): void {
      for (const frame of early) hearer(frame)
      hear = hearer
    },
    /** Without a word, as a device that lost its network. */
    cut(): void {
      socket.destroy()
    },
  }
}
