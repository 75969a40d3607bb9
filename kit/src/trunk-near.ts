/** The front door's end of trunks (`trunk-frames.ts`): one to each place, made when it is needed. */
import { type IncomingHttpHeaders, request as httpRequest } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Log } from './log.ts'
import {
  eachLine,
  endFrame,
  frameKinds,
  frameOf,
  makeFrameReader,
  resetFrame,
  takenBytes,
  tookFrame,
  trunkPath,
  trunkProtocol,
  windowBytes,
} from './trunk-frames.ts'
import { makeOutgoing } from './trunk-outgoing.ts'

const connectMsMax = 5_000

export interface LineRequest {
  url: string
  headers: IncomingHttpHeaders
}

/** Who sits at the near end of a line. */
export interface LineOwner {
  /** False when it can take no more; `drained` of the line goes on then. */
  hear(bytes: Buffer): boolean
  /** What `write` refused may come now. */
  ready(): void
  /** Called once, whoever ended it. `reached` is false when nobody can have heard of the line. */
  closed(reached: boolean, error: Error | undefined): void
}

export interface NearLine {
  /** False when the line has no room for more; `ready` of its owner is called when it has. */
  write(bytes: Buffer): boolean
  /** Nothing more will be written. */
  end(): void
  /** The owner has taken all it heard. */
  drained(): void
  /** `error` says why it is given up, if it is; a trunk that was silent all the while ends with it. */
  destroy(error?: Error): void
}

export type NearTrunks = ReturnType<typeof makeNearTrunks>

export const makeNearTrunks = (options: { log: Log }) => {
  const trunks = new Map<string, ReturnType<typeof makeTrunk>>()
  return {
    /** A line to the service at `url`. */
    open(url: string, request: LineRequest, owner: LineOwner): NearLine {
      const trunk = trunks.get(url) ?? makeTrunk(url, options.log, () => trunks.delete(url))
      trunks.set(url, trunk)
      return trunk.open(request, owner)
    },
    /** Ends all of them, and their lines. */
    stop(): void {
      for (const trunk of trunks.values()) trunk.stop()
    },
  }
}

interface Seat {
  number: number
  owner: LineOwner
  /** How much may still be sent, and whether the owner waits for some. */
  room: number
  isWaiting: boolean
  /** Taken by the owner; the service has not been told yet. */
  owed: number
  isBlocked: boolean
}

const makeTrunk = (url: string, log: Log, onClose: () => void) => {
  const seats = new Map<number, Seat>()
  const outgoing = makeOutgoing(() => {
    for (const seat of seats.values()) ready(seat)
  })
  let lastNumber = 0
  let heardFrames = 0

  const close = (seat: Seat, error: Error | undefined) => {
    if (seats.delete(seat.number)) seat.owner.closed(connection.isOpen(), error)
  }
  const tell = (seat: Seat) => {
    if (seat.isBlocked || seat.owed < windowBytes / 2) return
    outgoing.say(tookFrame(seat.number, seat.owed))
    seat.owed = 0
  }
  const hear = (seat: Seat, bytes: Buffer) => {
    seat.owed += bytes.length
    seat.isBlocked = !seat.owner.hear(bytes)
    tell(seat)
  }
  const onFrame = (kind: number, number: number, body: Buffer): string | undefined => {
    heardFrames += 1
    if (kind === frameKinds.data) {
      return eachLine(number, body, (one, bytes) => {
        const seat = seats.get(one)
        if (seat !== undefined) hear(seat, bytes)
      })
    }
    const seat = seats.get(number)
    if (kind === frameKinds.end) {
      outgoing.say(resetFrame(number))
      if (seat !== undefined) close(seat, undefined)
    } else if (kind !== frameKinds.took) return `a frame of kind ${kind}`
    else if (seat !== undefined) {
      seat.room += takenBytes(body)
      ready(seat)
    }
    return undefined
  }
  const connection = connectTrunk({
    url,
    log,
    onOpen: outgoing.open,
    onFrame,
    onClose(error) {
      onClose()
      for (const seat of seats.values()) close(seat, error)
    },
  })

  return {
    open(request: LineRequest, owner: LineOwner): NearLine {
      lastNumber += 1
      const number = lastNumber
      const heardBefore = heardFrames
      const room = windowBytes
      const seat: Seat = { number, owner, room, isWaiting: false, owed: 0, isBlocked: false }
      seats.set(number, seat)
      outgoing.say(frameOf(frameKinds.open, number, Buffer.from(JSON.stringify(request))))
      return {
        write(bytes) {
          if (!seats.has(number)) return true
          seat.room -= bytes.length
          outgoing.give(number, bytes)
          seat.isWaiting = seat.room <= 0 || outgoing.isFull()
          return !seat.isWaiting
        },
        end() {
          if (seats.has(number)) outgoing.say(endFrame(number))
        },
        drained() {
          seat.isBlocked = false
          if (seats.has(number)) tell(seat)
        },
        destroy(error) {
          if (!seats.has(number)) return
          outgoing.say(resetFrame(number))
          close(seat, error)
          // Given up, and nothing came for any line in all that time: nobody is there any more.
          if (error !== undefined && heardFrames === heardBefore) connection.fail(error)
        },
      }
    },
    stop: connection.stop,
  }
}

const ready = (seat: Seat): void => {
  if (!seat.isWaiting || seat.room <= 0) return
  seat.isWaiting = false
  seat.owner.ready()
}

/** Asks the service for a trunk. `onClose` is called once, also when none came about. */
const connectTrunk = (options: {
  url: string
  log: Log
  onOpen: (socket: Duplex) => void
  onFrame: Parameters<typeof makeFrameReader>[0]
  onClose: (error: Error) => void
}) => {
  let trunk: Duplex | undefined
  let failure = new Error('the service hung up')
  const read = makeFrameReader(options.onFrame)
  const hear = (socket: Duplex, chunk: Buffer) => {
    const fault = read(chunk)
    if (fault !== undefined) socket.destroy(new Error(`the trunk is broken: ${fault}`))
  }
  const asked = httpRequest(new URL(trunkPath, options.url), {
    agent: false,
    headers: { connection: 'Upgrade', upgrade: trunkProtocol },
  })
  const late = setTimeout(() => asked.destroy(new Error('no trunk in time')), connectMsMax)
  asked.on('upgrade', (_answer, socket, head) => {
    clearTimeout(late)
    trunk = socket
    socket.setTimeout(0).setNoDelay(true).setKeepAlive(true)
    socket.on('data', (chunk: Buffer) => hear(socket, chunk))
    socket.on('error', (error) => {
      options.log.warn({ err: error }, 'a trunk failed')
      failure = error
    })
    socket.on('end', () => socket.end())
    socket.on('close', () => options.onClose(failure))
    options.onOpen(socket)
    if (head.length > 0) hear(socket, head)
  })
  asked.on('response', (answer) => {
    asked.destroy(new Error(`a trunk was answered by ${answer.statusCode}`))
  })
  asked.on('error', (error) => {
    failure = error
  })
  asked.on('close', () => {
    clearTimeout(late)
    if (trunk === undefined) options.onClose(failure)
  })
  asked.end()

  return {
    isOpen: () => trunk !== undefined,
    fail: (error: Error) => void trunk?.destroy(error),
    stop(): void {
      if (trunk === undefined) asked.destroy()
      else trunk.end()
    },
  }
}
