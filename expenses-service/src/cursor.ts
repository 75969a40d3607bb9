/** Cursors of lists: the place after the last item, opaque to the caller. */
import { ledgerError } from './errors.ts'

/** The parts of a place, as one opaque text. */
export const makeCursor = (...parts: string[]): string =>
  Buffer.from(JSON.stringify(parts)).toString('base64url')

/** The parts, or a refusal: a cursor that this list did not make names no place. */
export const readCursor = (cursor: string, shape: readonly RegExp[]): string[] => {
  let parts: unknown
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
  } catch {
    throw wrongCursor()
  }
  if (!Array.isArray(parts) || parts.length !== shape.length) throw wrongCursor()
  return shape.map((form, index) => {
    const part: unknown = parts[index]
    if (typeof part !== 'string' || !form.test(part)) throw wrongCursor()
    return part
  })
}

const wrongCursor = () =>
  ledgerError('invalid_request', {
    members: { faults: [{ path: 'cursor', message: 'is not a cursor of this list' }] },
  })
