/**
 * The service's end of trunks (`trunk-frames.ts`): each line is a stream, and is handed on like the
 * socket of an upgrade that came by itself.
 */
import { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import type { Log } from './log.ts'
import type { Part } from './run.ts'
import {
  eachLine,
  endFrame,
  frameKinds,
  makeFrameReader,
  takenBytes,
  tookFrame,
  trunkProtocol,
  windowBytes,
} from './trunk-frames.ts'
import { makeOutgoing, type Outgoing } from './trunk-outgoing.ts'

type OnUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void

interface Line {
  number: number
  stream: Duplex
  /** How much may still be sent. */
  room: number
  /** A write that waits for room. */
  waiting: { bytes: Buffer; done: () => void } | undefined
  /** Came and went on; the front door has not been told yet. */
  owed: number
  /** Whether the front door knows that it is over. */
  isEnded: boolean
}

const noBytes = Buffer.alloc(0)

/** `onUpgrade` is called for each line, and for each upgrade that is no trunk. */
export const makeFarTrunks = (options: { onUpgrade: OnUpgrade; log: Log }) => {
  const trunks = new Set<Duplex>()
  const part: Part = {
    name: 'trunks',
    async run(signal) {
      await new Promise<void>((resolve) => {
        if (signal.aborted) resolve()
        else signal.addEventListener('abort', () => resolve(), { once: true })
      })
      for (const socket of trunks) socket.end(() => socket.destroy())
    },
  }
  return {
    part,
    onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
      if (request.headers.upgrade?.toLowerCase() !== trunkProtocol) {
        return options.onUpgrade(request, socket, head)
      }
      trunks.add(socket)
      socket.on('error', (error) => options.log.warn({ err: error }, 'a trunk failed'))
      socket.once('close', () => trunks.delete(socket))
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${trunkProtocol}\r\n\r\n`,
      )
      carry(socket as Socket, head, options.onUpgrade)
    },
  }
}

const carry = (socket: Socket, head: Buffer, onUpgrade: OnUpgrade): void => {
  const lines = new Map<number, Line>()
  const outgoing = makeOutgoing(() => {
    for (const line of lines.values()) goOn(outgoing, line)
  })
  const openStream = makeStreams(outgoing, lines)

  const open = (number: number, body: Buffer): string | undefined => {
    const told = readRequest(body)
    if (told === undefined) return 'an opening that is no request'
    const request = Object.assign(new IncomingMessage(socket), { ...told, method: 'GET' })
    onUpgrade(request, openStream(number), noBytes)
    return undefined
  }
  const onFrame = (kind: number, number: number, body: Buffer): string | undefined => {
    if (kind === frameKinds.open) return open(number, body)
    if (kind === frameKinds.data) {
      return eachLine(number, body, (one, bytes) => {
        const line = lines.get(one)
        if (line !== undefined) hear(outgoing, line, bytes)
      })
    }
    // Whoever is gone here may still be spoken to by the other end.
    const line = lines.get(number)
    if (kind === frameKinds.end) line?.stream.push(null)
    else if (kind === frameKinds.reset) {
      if (line !== undefined) line.isEnded = true
      line?.stream.destroy()
    } else if (kind !== frameKinds.took) return `a frame of kind ${kind}`
    else if (line !== undefined) {
      line.room += takenBytes(body)
      goOn(outgoing, line)
    }
    return undefined
  }
  const read = makeFrameReader(onFrame)
  const hearAll = (chunk: Buffer) => {
    const fault = read(chunk)
    if (fault !== undefined) socket.destroy(new Error(`the trunk is broken: ${fault}`))
  }

  outgoing.open(socket)
  socket.setTimeout(0).setNoDelay(true).setKeepAlive(true)
  socket.on('data', hearAll)
  socket.on('end', () => socket.end())
  socket.on('close', () => {
    for (const { stream } of lines.values()) stream.destroy()
  })
  if (head.length > 0) hearAll(head)
}

/** Makes the streams of one trunk. They share their functions: thousands would carry the same. */
const makeStreams = (outgoing: Outgoing, lines: Map<number, Line>) => {
  const byStream = new WeakMap<Duplex, Line>()
  const end = (line: Line | undefined) => {
    if (line === undefined || line.isEnded) return
    line.isEnded = true
    outgoing.say(endFrame(line.number))
  }
  const shared = {
    read(this: Duplex) {
      const line = byStream.get(this)
      if (line !== undefined) tell(outgoing, line)
    },
    write(this: Duplex, bytes: Buffer, _encoding: string, done: () => void) {
      const line = byStream.get(this)
      if (line === undefined) done()
      else write(outgoing, line, bytes, done)
    },
    final(this: Duplex, done: () => void) {
      end(byStream.get(this))
      done()
    },
    destroy(this: Duplex, error: Error | null, done: (error: Error | null) => void) {
      const line = byStream.get(this)
      end(line)
      if (line !== undefined) lines.delete(line.number)
      // Whoever waits for a write to leave has no reason to wait longer.
      line?.waiting?.done()
      done(error)
    },
  }
  return (number: number): Duplex => {
    const stream = new Duplex(shared)
    const line: Line = {
      number,
      stream,
      room: windowBytes,
      waiting: undefined,
      owed: 0,
      isEnded: false,
    }
    lines.set(number, line)
    byStream.set(stream, line)
    return stream
  }
}

const write = (outgoing: Outgoing, line: Line, bytes: Buffer, done: () => void): void => {
  if (line.room <= 0 || outgoing.isFull()) {
    line.waiting = { bytes, done }
    return
  }
  line.room -= bytes.length
  outgoing.give(line.number, bytes)
  done()
}

/** Does what a write waited for, if there is room now. */
const goOn = (outgoing: Outgoing, line: Line): void => {
  const { waiting } = line
  if (waiting === undefined) return
  line.waiting = undefined
  write(outgoing, line, waiting.bytes, waiting.done)
}

const hear = (outgoing: Outgoing, line: Line, bytes: Buffer): void => {
  line.owed += bytes.length
  if (line.stream.push(bytes)) tell(outgoing, line)
}

const tell = (outgoing: Outgoing, line: Line): void => {
  if (line.owed < windowBytes / 2) return
  outgoing.say(tookFrame(line.number, line.owed))
  line.owed = 0
}

/** The request of a line; undefined when it is none. */
const readRequest = (body: Buffer): Pick<IncomingMessage, 'url' | 'headers'> | undefined => {
  try {
    const told: unknown = JSON.parse(body.toString())
    if (typeof told !== 'object' || told === null) return undefined
    return told as Pick<IncomingMessage, 'url' | 'headers'>
  } catch {
    return undefined
  }
}
