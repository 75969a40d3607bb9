// Peers that break the rules of WebSocket (RFC 6455). Each must be closed with the right code.
import { closeBytes, frameBytes, opcodes, textBytes } from './bytes.ts'
import { type Check, must, mustClose, within } from './check.ts'
import { connectDevice, openDevice } from './device.ts'

const { text, binary, continuation, ping, pong, close } = opcodes
const protocolError = [1002]
const notUtf8 = [1007]
const tooBig = [1009]
const brokenUtf8 = Buffer.from([0x7b, 0xc3, 0x28, 0x7d])
/** Half of a two-byte character. */
const halfUtf8 = Buffer.from([0xc3])
const messageBytesMax = 4_096

interface Attack {
  id: string
  says: string
  bytes: Buffer[]
  codes: readonly number[]
}

const attack = (
  id: string,
  says: string,
  codes: readonly number[],
  ...bytes: Buffer[]
): Attack => ({
  id,
  says,
  codes,
  bytes,
})

const hello = '{"type":"pong"}'
const start = frameBytes({ opcode: text, payload: '{"type":', fin: false })

const framing = [
  attack(
    'unmasked',
    'a frame without a mask is refused',
    protocolError,
    frameBytes({ opcode: text, payload: hello, masked: false }),
  ),
  ...[1, 2, 4].map((reserved) =>
    attack(
      `reserved-bit-${reserved}`,
      'a reserved bit is refused where no extension was agreed',
      protocolError,
      frameBytes({ opcode: text, payload: hello, reserved }),
    ),
  ),
  ...[3, 7, 11, 15].map((opcode) =>
    attack(
      `opcode-${opcode}`,
      'an opcode that means nothing is refused',
      protocolError,
      frameBytes({ opcode, payload: hello }),
    ),
  ),
  ...Object.entries({ ping, pong, close }).map(([name, opcode]) =>
    attack(
      `fragmented-${name}`,
      'a control frame in pieces is refused',
      protocolError,
      frameBytes({ opcode, fin: false }),
    ),
  ),
  ...Object.entries({ ping, pong, close }).map(([name, opcode]) =>
    attack(
      `oversize-${name}`,
      'a control frame above 125 bytes is refused',
      protocolError,
      frameBytes({ opcode, payload: Buffer.alloc(126, 0x20) }),
    ),
  ),
  attack(
    'continuation-first',
    'a continuation of nothing is refused',
    protocolError,
    frameBytes({ opcode: continuation, payload: hello }),
  ),
  attack(
    'message-in-message',
    'a message that begins within another is refused',
    protocolError,
    start,
    textBytes(hello),
  ),
]

const content = [
  attack('utf8', 'text that is no UTF-8 is refused', notUtf8, textOf(brokenUtf8)),
  attack(
    'utf8-in-pieces',
    'text that is no UTF-8 is refused, also when the fault lies between two pieces',
    notUtf8,
    frameBytes({ opcode: text, payload: halfUtf8, fin: false }),
    frameBytes({ opcode: continuation, payload: '(' }),
  ),
  attack(
    'utf8-unfinished',
    'text that ends within a character is refused',
    notUtf8,
    textOf(halfUtf8),
  ),
  attack(
    'too-big',
    'a message above 4 KiB is refused',
    tooBig,
    textBytes('x'.repeat(messageBytesMax + 1)),
  ),
  attack(
    'too-big-in-pieces',
    'a message above 4 KiB is refused, also in pieces',
    tooBig,
    frameBytes({ opcode: text, payload: 'x'.repeat(messageBytesMax), fin: false }),
    frameBytes({ opcode: continuation, payload: 'x' }),
  ),
  attack(
    'claims-a-gigabyte',
    'a length above the limit is refused before the bytes come',
    tooBig,
    frameBytes({ opcode: text, claims: 1_073_741_824n }),
  ),
  attack(
    'claims-2-to-63',
    'a length with its highest bit set is refused',
    [...tooBig, ...protocolError],
    frameBytes({ opcode: text, claims: 2n ** 63n }),
  ),
  attack(
    'binary',
    'a binary message is no frame',
    [4500],
    frameBytes({ opcode: binary, payload: hello }),
  ),
]

const closing = [
  attack('close-one-byte', 'a close code of one byte is refused', protocolError, closeOf([0x03])),
  ...[0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 65_535].map((code) =>
    attack(`close-${code}`, `close code ${code} is refused`, protocolError, closeBytes(code)),
  ),
  attack(
    'close-utf8',
    'a reason that is no UTF-8 is refused',
    notUtf8,
    closeBytes(1000, brokenUtf8),
  ),
  attack(
    'close-clean',
    'a clean close is answered with the same code',
    [1000],
    closeBytes(1000, 'bye'),
  ),
  attack('close-own', 'a close with a code of one’s own is answered', [4321], closeBytes(4321)),
]

function textOf(payload: Buffer): Buffer {
  return frameBytes({ opcode: text, payload })
}
function closeOf(payload: number[]): Buffer {
  return frameBytes({ opcode: close, payload: Buffer.from(payload) })
}

const checkOf =
  (room: string) =>
  ({ id, says, bytes, codes }: Attack): Check => ({
    id: `${room}/${id}`,
    says,
    async run(subject) {
      const device = await openDevice(subject)
      device.raw.send(...bytes)
      await mustClose(device.raw, codes)
    },
  })

const noiseRounds = 12
const noiseBytes = 300
const noiseMsMax = 15_000

/** A small generator with a seed: what broke a server once can be sent again. */
const noiseOf = (seed: number): Buffer => {
  let state = seed * 2_654_435_761 + 1
  return Buffer.from(
    Array.from({ length: noiseBytes }, () => {
      state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
      return (state >> 16) & 0xff
    }),
  )
}

const others: Check[] = [
  {
    id: 'framing/pieces',
    says: 'a frame in pieces, with a ping between them, is understood',
    async run(subject) {
      const device = await openDevice(subject)
      const ticket = await subject.ticket()
      const whole = JSON.stringify({ type: 'connect', ticket, device: 'pieces' })
      const pongs: string[] = []
      device.raw.send(
        frameBytes({ opcode: text, payload: whole.slice(0, 9), fin: false }),
        frameBytes({ opcode: ping, payload: 'are you there' }),
        frameBytes({ opcode: continuation, payload: whole.slice(9, 20), fin: false }),
        frameBytes({ opcode: continuation, payload: whole.slice(20) }),
      )
      const { promise, resolve } = Promise.withResolvers<void>()
      device.raw.listen(({ opcode, payload }) => {
        if (opcode === text && payload.includes('"welcome"')) resolve()
        if (opcode === pong) pongs.push(payload.toString())
      })
      await within(5_000, 'welcome', promise)
      must(pongs.includes('are you there'), () => 'the ping was not answered with its own words')
      device.raw.cut()
    },
  },
  {
    id: 'framing/byte-by-byte',
    says: 'a frame that comes byte by byte is understood',
    async run(subject) {
      const device = await openDevice(subject)
      const ticket = await subject.ticket()
      device.raw.socket.setNoDelay(true)
      const bytes = textBytes(JSON.stringify({ type: 'connect', ticket, device: 'slowly' }))
      for (const byte of bytes) device.raw.send(Buffer.from([byte]))
      await device.frame('welcome')
      device.leave()
    },
  },
  {
    id: 'framing/noise',
    says: 'bytes without sense end the connection and nothing else',
    async run(subject) {
      for (let seed = 1; seed <= noiseRounds; seed += 1) {
        const device = await openDevice(subject)
        device.raw.send(noiseOf(seed))
        // Noise may look like the beginning of a longer frame; the end of our side settles it.
        device.raw.socket.end()
        await within(noiseMsMax, `end after noise ${seed}`, device.raw.ended)
      }
    },
  },
  {
    id: 'framing/cut-within-a-frame',
    says: 'a peer that vanishes within a frame, or within its closing, harms nobody',
    async run(subject) {
      for (const bytes of [start.subarray(0, 3), start, closeBytes(1000), textBytes(hello)]) {
        const device = await openDevice(subject)
        device.raw.send(bytes)
        device.raw.cut()
      }
      const device = await connectDevice(subject)
      device.leave()
    },
  },
]

export const hostileChecks: Check[] = [
  ...framing.map(checkOf('framing')),
  ...content.map(checkOf('content')),
  ...closing.map(checkOf('closing')),
  ...others,
]
