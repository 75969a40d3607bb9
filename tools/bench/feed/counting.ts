// Reads what a server sends, as cheaply as a check of every message allows: each carries a number,
// and each number must follow the one before it. Pure.

/** What one socket has seen. */
export interface Count {
  /** The number of the newest message; the next must be one more. */
  last: number
  messages: number
  /** Numbers that did not follow, frames that were none: any of them makes a run invalid. */
  faults: number
  /** Bytes of a frame that has not come whole. */
  rest: Buffer | undefined
}

export const newCount = (last: number): Count => ({ last, messages: 0, faults: 0, rest: undefined })

const minus = 0x2d
const zero = 0x30
const nine = 0x39
const shortMax = 125
const middle = 126

/** Calls `onPayload` for each whole frame in `chunk`, as a place in the bytes given to it. */
export function eachFrame(
  count: Count,
  chunk: Buffer,
  onPayload: (bytes: Buffer, start: number, end: number, opcode: number) => void,
): void {
  const bytes = count.rest === undefined ? chunk : Buffer.concat([count.rest, chunk])
  count.rest = undefined
  let at = 0
  while (at + 2 <= bytes.length) {
    const short = bytes.readUInt8(at + 1)
    const start = at + (short <= shortMax ? 2 : short === middle ? 4 : 10)
    if (start > bytes.length) break
    const size =
      short <= shortMax
        ? short
        : short === middle
          ? bytes.readUInt16BE(at + 2)
          : Number(bytes.readBigUInt64BE(at + 2))
    if (start + size > bytes.length) break
    onPayload(bytes, start, start + size, bytes.readUInt8(at) & 15)
    at = start + size
  }
  // The chunk's memory is used again for the next one.
  if (at < bytes.length) count.rest = Buffer.from(bytes.subarray(at))
}

/** The digits from `start` on; NaN where there are none. */
export function numberAt(bytes: Buffer, start: number): number {
  let at = start
  let value = 0
  for (;;) {
    const digit = bytes[at] ?? minus
    if (digit < zero || digit > nine) return at === start ? Number.NaN : value
    value = value * 10 + digit - zero
    at += 1
  }
}

/** A message with this number came. */
export function countMessage(count: Count, number: number): void {
  count.messages += 1
  if (number !== count.last + 1) count.faults += 1
  count.last = number
}

/** How an event begins, up to its number: the bench's messages to nats-server begin so, too. */
export const eventStart = Buffer.from('{"type":"event","seq":')

export const startsWith = (bytes: Buffer, at: number, start: Buffer): boolean =>
  bytes.compare(start, 0, start.length, at, Math.min(at + start.length, bytes.length)) === 0

const lineEnd = Buffer.from('\r\n')
const messageStart = Buffer.from('MSG ')

/**
 * Reads the protocol of nats-server in `stream` and counts its messages; whatever else is a line
 * goes to `onLine`. Returns how many bytes were whole.
 */
export function countNats(count: Count, stream: Buffer, onLine: (line: string) => void): number {
  let at = 0
  for (;;) {
    const end = stream.indexOf(lineEnd, at)
    if (end < 0) return at
    if (!startsWith(stream, at, messageStart)) {
      onLine(stream.toString('latin1', at, end))
      at = end + lineEnd.length
      continue
    }
    const size = numberAt(stream, stream.lastIndexOf(' ', end) + 1)
    const start = end + lineEnd.length
    if (start + size + lineEnd.length > stream.length) return at
    countMessage(count, numberAt(stream, start + eventStart.length))
    at = start + size + lineEnd.length
  }
}

const mask = Buffer.from([1, 2, 3, 4])

/** A client's frame: masked, as RFC 6455 wants it. */
export function clientFrame(text: string, opcode: number): Buffer {
  const payload = Buffer.from(text)
  const head =
    payload.length <= shortMax
      ? Buffer.from([0x80 | opcode, 0x80 | payload.length])
      : Buffer.from([0x80 | opcode, 0x80 | middle, payload.length >> 8, payload.length & 255])
  return Buffer.concat([head, mask, payload.map((byte, index) => byte ^ (mask[index & 3] ?? 0))])
}
