/** Frames of `quits.feed.v1` to and from text. Pure. */
import { type ClientFrame, clientFrame, type ServerFrame } from '@quits/proto/feed'

const knownTypes: ReadonlySet<string> = new Set(
  clientFrame.options.map((option) => option.shape.type.value),
)

/** What a client's message is: a frame, one of a later version's frames, or no frame at all. */
export type ReadFrame = { frame: ClientFrame } | { unknownType: string } | { fault: string }

/**
 * Reads one text message. A type that this build does not know is no fault: newer clients get an
 * `error` frame and stay. Unknown members are dropped.
 */
export const readFrame = (text: string): ReadFrame => {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return { fault: 'not JSON' }
  }
  const type = typeof json === 'object' && json !== null && 'type' in json ? json.type : undefined
  if (typeof type !== 'string') return { fault: 'no type' }
  if (!knownTypes.has(type)) return { unknownType: type.slice(0, 64) }
  const result = clientFrame.safeParse(json)
  if (result.success) return { frame: result.data }
  const [issue] = result.error.issues
  return { fault: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'wrong shape'}` }
}

export const frameText = (frame: ServerFrame): string => JSON.stringify(frame)

const textFrame = 0x81
const shortBytesMax = 125
/** Instead of a length: two bytes with it follow. */
const middleLength = 126
const middleBytesMax = 65_535

/**
 * A text as a WebSocket carries it (RFC 6455 §5.2): from a server, so unmasked; in one piece. Texts
 * are at most 64 KiB.
 */
export const webSocketFrame = (text: string): Buffer => {
  const length = Buffer.byteLength(text)
  if (length > middleBytesMax) throw new Error(`a frame of ${length} bytes`)
  const head =
    length <= shortBytesMax
      ? [textFrame, length]
      : [textFrame, middleLength, length >> 8, length & 255]
  const frame = Buffer.allocUnsafe(head.length + length)
  frame.set(head)
  frame.write(text, head.length)
  return frame
}

/** The text of a frame that `webSocketFrame` made. */
export const textOf = (frame: Buffer): string =>
  frame.toString('utf8', frame[1] === middleLength ? 4 : 2)

const framesBurst = 60
const framesPerSecond = 20

/** Whether one more frame may be handled now: a bucket that refills steadily. */
export const makeFrameAllowance = (now: () => number) => {
  let tokens = framesBurst
  let filledAtMs = now()
  return (): boolean => {
    const atMs = now()
    const refill = (Math.max(0, atMs - filledAtMs) * framesPerSecond) / 1_000
    tokens = Math.min(framesBurst, tokens + refill)
    filledAtMs = atMs
    if (tokens < 1) return false
    tokens -= 1
    return true
  }
}
