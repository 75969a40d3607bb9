/** What one end of a trunk has to say: gathered for a turn of the event loop, written at once. */
import type { Duplex } from 'node:stream'
import { makeDataFrames } from './trunk-frames.ts'

/** A trunk whose other end takes so little holds its lines up. */
const waitingBytesMax = 4_194_304

export type Outgoing = ReturnType<typeof makeOutgoing>

/** `onRoom` is called when it was full and is so no more. */
export const makeOutgoing = (onRoom: () => void) => {
  const data = makeDataFrames()
  let frames: Buffer[] = []
  let frameBytes = 0
  let scheduled = false
  let socket: Duplex | undefined
  let wasFull = false

  const isFull = () => {
    const isNow = frameBytes + data.bytes() + (socket?.writableLength ?? 0) > waitingBytesMax
    wasFull ||= isNow
    return isNow
  }
  const tellRoom = () => {
    if (!wasFull || isFull()) return
    wasFull = false
    onRoom()
  }
  const flush = () => {
    scheduled = false
    const all = [...frames, ...data.take()]
    frames = []
    frameBytes = 0
    if (all.length > 0 && socket?.writable === true) socket.write(Buffer.concat(all), tellRoom)
  }
  const schedule = () => {
    if (scheduled || socket === undefined) return
    scheduled = true
    setImmediate(flush)
  }
  const add = (pieces: Buffer[]) => {
    for (const piece of pieces) {
      frames.push(piece)
      frameBytes += piece.length
    }
  }

  return {
    /** Bytes for a line. Many lines that get the same piece of memory one after the other share it. */
    give(line: number, bytes: Buffer): void {
      add(data.add(line, bytes))
      schedule()
    },
    /** A frame about a line, behind what the line was given. */
    say(frame: Buffer): void {
      add([...data.take(), frame])
      schedule()
    },
    /** The trunk is there: what was gathered leaves, and all that follows. */
    open(trunk: Duplex): void {
      socket = trunk
      flush()
    },
    isFull,
  }
}
