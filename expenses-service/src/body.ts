/**
 * The own body reader: as strict as express.json and half its cost. It takes one JSON value in
 * UTF-8, uncompressed, of at most `bytesMax` bytes.
 */
import type { IncomingMessage } from 'node:http'
import { ledgerError } from './errors.ts'

const jsonType = /^application\/json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?$/i
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The parsed body, unchecked. An empty body is the empty object, as for actions without fields. */
export const readJson = async (request: IncomingMessage, bytesMax: number): Promise<unknown> => {
  const declared = Number(request.headers['content-length'] ?? 0)
  if (declared > bytesMax) throw ledgerError('body_too_large')
  const bytes = await readBytes(request, bytesMax)
  if (bytes.length === 0) return {}
  const type = request.headers['content-type'] ?? ''
  const encoding = request.headers['content-encoding'] ?? 'identity'
  if (!jsonType.test(type) || encoding !== 'identity') throw ledgerError('unsupported_media_type')
  try {
    const text = decoder.decode(bytes)
    return trap.test(text) ? JSON.parse(text, refuseTraps) : JSON.parse(text)
  } catch {
    throw ledgerError('invalid_json')
  }
}

/** A trap has a backslash or its name; looking at each member costs more than all the rest. */
const trap = /\\|__proto__/

// `__proto__` as an own key survives JSON.parse and bites whoever copies the object later. Half of a
// surrogate pair has no UTF-8: it would be stored as another text than was hashed.
const refuseTraps = (key: string, value: unknown) => {
  const whole = typeof value !== 'string' || value.isWellFormed()
  if (key === '__proto__' || !whole) throw ledgerError('invalid_json')
  return value
}

/** Mostly it came in one piece. */
const wholeOf = (chunks: Buffer[], length: number): Buffer =>
  chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, length)

const readBytes = (request: IncomingMessage, bytesMax: number): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0
    request.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length > bytesMax) {
        request.pause()
        reject(ledgerError('body_too_large'))
        return
      }
      chunks.push(chunk)
    })
    request.once('end', () => resolve(wholeOf(chunks, length)))
    request.once('error', reject)
    request.once('close', () => {
      if (!request.complete) reject(ledgerError('invalid_json'))
    })
  })
