// Postgres' wire protocol, as far as faults need it: message borders and what each message is about.
import type { Direction, Frame, Protocol, Splitter } from './frame.ts'

const typeBytes = 1
const lengthBytes = 4
const startupCode = 196_608 // protocol 3.0; every start-up message of ours has it

/**
 * Requests are labelled `query TEXT`, `parse`, `bind` and `execute STATEMENT`, replies `done TAG`; others
 * by their letter.
 */
export const postgresFrames: Protocol = (direction) =>
  makeSplitter(direction, direction === 'request')

function makeSplitter(direction: Direction, startsUntyped: boolean): Splitter {
  let rest: Buffer = Buffer.alloc(0)
  let untyped = startsUntyped
  const labelOf = makeLabels(direction)
  return {
    push(chunk) {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
      const frames: Frame[] = []
      for (;;) {
        const head = untyped ? 0 : typeBytes
        if (rest.length < head + lengthBytes) return frames
        const length = head + rest.readUInt32BE(head)
        if (rest.length < length) return frames
        const bytes = rest.subarray(0, length)
        rest = rest.subarray(length)
        frames.push({ direction, label: untyped ? startupLabel(bytes) : labelOf(bytes), bytes })
        // A request for encryption is answered by one letter and followed by the real start.
        if (untyped && startupLabel(bytes) === 'startup') untyped = false
      }
    },
  }
}

const startupLabel = (bytes: Buffer) =>
  bytes.readUInt32BE(lengthBytes) === startupCode ? 'startup' : 'negotiation'

function makeLabels(direction: Direction): (bytes: Buffer) => string {
  let unnamed = ''
  let bound = ''
  return (bytes) => {
    const letter = String.fromCharCode(bytes[0] ?? 0)
    const body = bytes.subarray(typeBytes + lengthBytes)
    if (direction === 'reply') return letter === 'C' ? `done ${textAt(body, 0)}` : letter
    if (letter === 'Q') return `query ${textAt(body, 0)}`
    if (letter === 'P') {
      const name = textAt(body, 0)
      const text = textAt(body, Buffer.byteLength(name) + 1)
      if (name === '') unnamed = text
      return `parse ${name === '' ? text : name}`
    }
    if (letter === 'B') {
      const portal = textAt(body, 0)
      const name = textAt(body, Buffer.byteLength(portal) + 1)
      bound = name === '' ? unnamed : name
      return `bind ${bound}`
    }
    if (letter === 'E') return `execute ${bound}`
    return letter
  }
}

function textAt(body: Buffer, from: number): string {
  const end = body.indexOf(0, from)
  return body.toString('utf8', from, end === -1 ? body.length : end)
}

/** What a server says after a statement that succeeded. */
export const doneMessage = (tag: string): Buffer => message('C', `${tag}\0`)

/** Prepares a statement without parameters. */
export const parseMessage = (name: string, text: string): Buffer =>
  message('P', `${name}\0${text}\0\0\0`)

function message(letter: string, body: string): Buffer {
  const bytes = Buffer.from(` \0\0\0\0${body}`, 'latin1')
  bytes.write(letter, 0, 'latin1')
  bytes.writeUInt32BE(bytes.length - typeBytes, typeBytes)
  return bytes
}
