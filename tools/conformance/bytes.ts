// WebSocket frames as bytes (RFC 6455, section 5.2), also those that nobody may send. Pure.

export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const

export interface FrameShape {
  opcode: number
  payload?: Buffer | string
  fin?: boolean
  /** The three reserved bits, 0 to 7. */
  reserved?: number
  masked?: boolean
  /** A length that the header claims instead of the true one. */
  claims?: bigint
}

const mask = Buffer.from([0x37, 0xfa, 0x21, 0x3d])

const xor = (payload: Buffer): Buffer =>
  Buffer.from(payload.map((byte, index) => byte ^ (mask[index % mask.length] ?? 0)))

const lengthBytes = (length: bigint, maskBit: number): Buffer => {
  if (length < 126n) return Buffer.from([maskBit | Number(length)])
  if (length < 65_536n) {
    const bytes = Buffer.from([maskBit | 126, 0, 0])
    bytes.writeUInt16BE(Number(length), 1)
    return bytes
  }
  const bytes = Buffer.alloc(9)
  bytes[0] = maskBit | 127
  bytes.writeBigUInt64BE(length, 1)
  return bytes
}

/** A frame as a client sends it: masked and whole, unless told otherwise. */
export const frameBytes = (shape: FrameShape): Buffer => {
  const { opcode, fin = true, reserved = 0, masked = true } = shape
  const payload = Buffer.from(shape.payload ?? '')
  const first = Buffer.from([(fin ? 0x80 : 0) | (reserved << 4) | opcode])
  const length = lengthBytes(shape.claims ?? BigInt(payload.length), masked ? 0x80 : 0)
  return Buffer.concat([first, length, ...(masked ? [mask, xor(payload)] : [payload])])
}

export const textBytes = (text: string): Buffer =>
  frameBytes({ opcode: opcodes.text, payload: text })

/** A close frame's payload. */
export const closeBytes = (code: number, reason: Buffer | string = ''): Buffer => {
  const head = Buffer.alloc(2)
  head.writeUInt16BE(code)
  return frameBytes({ opcode: opcodes.close, payload: Buffer.concat([head, Buffer.from(reason)]) })
}

export interface ParsedFrame {
  opcode: number
  fin: boolean
  reserved: number
  masked: boolean
  payload: Buffer
}

/** The first whole frame of `bytes` and what follows it; undefined while it is not whole. */
export const parseFrame = (bytes: Buffer): { frame: ParsedFrame; rest: Buffer } | undefined => {
  const [first, second] = bytes
  if (first === undefined || second === undefined) return undefined
  const masked = (second & 0x80) !== 0
  const short = second & 0x7f
  const extra = short === 126 ? 2 : short === 127 ? 8 : 0
  const start = 2 + extra + (masked ? 4 : 0)
  if (bytes.length < start) return undefined
  const length =
    extra === 0 ? short : extra === 2 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2))
  if (bytes.length < start + length) return undefined
  const frame = {
    opcode: first & 0x0f,
    fin: (first & 0x80) !== 0,
    reserved: (first >> 4) & 7,
    masked,
    payload: bytes.subarray(start, start + length),
  }
  return { frame, rest: bytes.subarray(start + length) }
}
