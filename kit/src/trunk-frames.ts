/**
 * A trunk: one connection between the front door and a service that carries many WebSockets, its
 * lines. What goes to many lines at once, such as an event to all devices of a person, crosses it
 * once, and a line costs neither side a socket. This file is its language; `trunk-near.ts` is the
 * front door's end, `trunk-far.ts` the service's.
 *
 * A trunk begins as an HTTP/1.1 upgrade. Then both sides send frames: kind (1 byte), number and
 * length of the body (4 bytes each, little endian), body. The number is the line, except in `data`.
 *
 * | kind | from | body |
 * |---|---|---|
 * | open | near | the request as JSON, `{url, headers}`; near chooses the number and never uses it again |
 * | data | both | number: how many lines; body: their numbers, then bytes for each of them |
 * | took | both | how many bytes of this line have gone on (4 bytes) |
 * | end | near | the client sends no more |
 * | end | far | the line is over, once what was sent before has gone on; answered by `reset` |
 * | reset | near | the line is over |
 *
 * A side sends on a line only while less than `windowBytes` of it have not been taken, so a slow
 * line holds up nobody else and fills no memory. Whatever is not of this form ends the trunk.
 */
export const trunkProtocol = 'quits.trunk.v1'
export const trunkPath = '/trunk'
/** Beyond it a side waits for a `took`; what is begun is finished, so one write more may pass. */
export const windowBytes = 131_072

export const frameKinds = { open: 1, data: 2, took: 3, end: 4, reset: 5 }

const headBytes = 9
const numberBytes = 4
const bodyBytesMax = 1_048_576
const linesMax = 16_384
const payloadBytesMax = 262_144

/** A frame about one line. */
export const frameOf = (kind: number, number: number, body: Buffer): Buffer => {
  const head = Buffer.allocUnsafe(headBytes)
  head.writeUInt8(kind)
  head.writeUInt32LE(number, 1)
  head.writeUInt32LE(body.length, 5)
  return Buffer.concat([head, body])
}

const noBytes = Buffer.alloc(0)
export const endFrame = (line: number) => frameOf(frameKinds.end, line, noBytes)
export const resetFrame = (line: number) => frameOf(frameKinds.reset, line, noBytes)
export const tookFrame = (line: number, bytes: number): Buffer => {
  const body = Buffer.allocUnsafe(numberBytes)
  body.writeUInt32LE(bytes)
  return frameOf(frameKinds.took, line, body)
}

/** What the body of a `took` says; nothing when it says nothing. */
export const takenBytes = (body: Buffer): number =>
  body.length === numberBytes ? body.readUInt32LE() : 0

/** Gathers data for lines: what follows each other for different lines and is the same is one frame. */
export const makeDataFrames = () => {
  let lines: number[] = []
  let pieces: Buffer[] = []
  let pieceBytes = 0

  const add = (line: number, bytes: Buffer): Buffer[] => {
    const isSame = pieces.length === 1 && pieces[0] === bytes && lines.length < linesMax
    if (isSame && lines.at(-1) !== line) {
      lines.push(line)
      return []
    }
    const isMore = lines.length === 1 && lines[0] === line
    const full = isMore && pieceBytes + bytes.length <= payloadBytesMax ? [] : take()
    if (full.length > 0 || lines.length === 0) lines = [line]
    pieces.push(bytes)
    pieceBytes += bytes.length
    return full
  }

  /** What was gathered, as the pieces of one frame; nothing when nothing was. */
  const take = (): Buffer[] => {
    if (lines.length === 0) return []
    const head = Buffer.allocUnsafe(headBytes + numberBytes * lines.length)
    head.writeUInt8(frameKinds.data)
    head.writeUInt32LE(lines.length, 1)
    head.writeUInt32LE(numberBytes * lines.length + pieceBytes, 5)
    for (const [index, line] of lines.entries()) {
      head.writeUInt32LE(line, headBytes + numberBytes * index)
    }
    const frame = [head, ...pieces]
    lines = []
    pieces = []
    pieceBytes = 0
    return frame
  }

  return {
    /** Returns the pieces of a frame that is complete now. */
    add(line: number, bytes: Buffer): Buffer[] {
      if (bytes.length <= payloadBytesMax) return add(line, bytes)
      const done: Buffer[] = []
      for (let at = 0; at < bytes.length; at += payloadBytesMax) {
        done.push(...add(line, bytes.subarray(at, at + payloadBytesMax)))
      }
      return done
    },
    take,
    /** What is gathered now. */
    bytes: () => numberBytes * lines.length + pieceBytes,
  }
}

/**
 * Calls `onLine` for each line of a `data` frame, with the same bytes, which are the caller's own.
 * Returns what is wrong with the frame, if anything is.
 */
export const eachLine = (
  count: number,
  body: Buffer,
  onLine: (line: number, bytes: Buffer) => void,
): string | undefined => {
  const start = count * numberBytes
  if (start > body.length) return `data for ${count} lines without their numbers`
  // A line that waits keeps them, and must not keep all else that was read with them.
  const bytes = Buffer.from(body.subarray(start))
  for (let at = 0; at < start; at += numberBytes) onLine(body.readUInt32LE(at), bytes)
  return undefined
}

/**
 * Takes what was read, and calls `onFrame` for each frame that is whole. Returns what is wrong, if
 * anything is, by its own reading or by that of `onFrame`; there is no way on after that.
 */
export const makeFrameReader = (
  onFrame: (kind: number, number: number, body: Buffer) => string | undefined,
): ((chunk: Buffer) => string | undefined) => {
  let rest: Buffer | undefined
  return (chunk) => {
    const bytes = rest === undefined ? chunk : Buffer.concat([rest, chunk])
    let at = 0
    while (at + headBytes <= bytes.length) {
      const size = bytes.readUInt32LE(at + 5)
      if (size > bodyBytesMax) return `a frame of ${size} bytes`
      const start = at + headBytes
      if (start + size > bytes.length) break
      const body = bytes.subarray(start, start + size)
      const fault = onFrame(bytes.readUInt8(at), bytes.readUInt32LE(at + 1), body)
      if (fault !== undefined) return fault
      at = start + size
    }
    rest = at < bytes.length ? bytes.subarray(at) : undefined
    return undefined
  }
}
