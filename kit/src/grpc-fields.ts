/**
 * Finds the fields of a message that its definition does not have. A decoder drops them in silence,
 * so that a command from a later client would be carried out by half.
 */

/** As proto-loader describes a message: the part of a DescriptorProto that is read here. */
export interface MessageType {
  name: string
  field: { name: string; number: number; label: string; type: string; typeName: string }[]
}

/** The message it is in (names of fields, and places in lists from 0), and its number on the wire. */
export interface UnknownField {
  path: string[]
  number: number
}

/** More are not listed: the last one then stands for the message as a whole. */
const unknownFieldsMax = 1_024
const pathLengthMax = 32

const [varint, fixed64, bytes, fixed32] = [0, 1, 2, 5]
const wireTypes: Record<string, number> = {
  TYPE_STRING: bytes,
  TYPE_BYTES: bytes,
  TYPE_MESSAGE: bytes,
  TYPE_DOUBLE: fixed64,
  TYPE_FIXED64: fixed64,
  TYPE_SFIXED64: fixed64,
  TYPE_FLOAT: fixed32,
  TYPE_FIXED32: fixed32,
  TYPE_SFIXED32: fixed32,
}

/** A value of the wire: the type it travels as, and where its bytes end. */
interface Value {
  number: number
  wireType: number
  start: number
  end: number
}

/** The integer at `at`, as far as it can count fields or bytes, and where it ends. */
const readVarint = (message: Uint8Array, at: number): { value: number; end: number } => {
  let value = 0
  for (let index = 0; index < 10; index++) {
    const byte = message[at + index]
    if (byte === undefined) break
    value += (byte & 0x7f) * 2 ** (7 * index)
    if (byte < 0x80) return { value, end: at + index + 1 }
  }
  return { value: Number.POSITIVE_INFINITY, end: message.length + 1 }
}

const readValue = (message: Uint8Array, at: number): Value => {
  const tag = readVarint(message, at)
  const [number, wireType] = [Math.floor(tag.value / 8), tag.value % 8]
  const { end: start } = tag
  if (wireType === varint) return { number, wireType, start, end: readVarint(message, start).end }
  if (wireType === bytes) {
    const length = readVarint(message, start)
    return { number, wireType, start: length.end, end: length.end + length.value }
  }
  const sizes: Record<number, number> = { [fixed64]: 8, [fixed32]: 4 }
  // Groups ended with proto2; nothing that follows one can be told.
  return { number, wireType, start, end: start + (sizes[wireType] ?? Number.POSITIVE_INFINITY) }
}

/** Looks for a name from the innermost scope outwards, as the language says. */
const typeOf = (types: Record<string, MessageType>, scope: string, name: string) => {
  if (name.startsWith('.')) return name.slice(1)
  const parts = scope.split('.')
  const scopes = parts.map((_, index) => parts.slice(0, parts.length - index).join('.'))
  const found = scopes.find((one) => types[`${one}.${name}`] !== undefined)
  return found === undefined ? name : `${found}.${name}`
}

/**
 * What a message of the type `root` holds that is no field of it, or not in this form: the first one
 * of each message in it. `types` are by full name; bytes that are no message are one such field.
 */
export const unknownFieldsOf = (
  types: Record<string, MessageType>,
  root: string,
  message: Uint8Array,
): UnknownField[] => {
  const found: UnknownField[] = []

  const scan = (typeName: string, part: Uint8Array, path: string[]) => {
    const counts = new Map<number, number>()
    let at = 0
    while (at < part.length && found.length < unknownFieldsMax) {
      const value = readValue(part, at)
      const { number, start, end } = value
      const field = types[typeName]?.field.find((one) => one.number === number)
      const expected = wireTypes[field?.type ?? ''] ?? varint
      if (field === undefined || value.wireType !== expected || end > part.length) {
        return found.push({ path, number })
      }
      if (field.type === 'TYPE_MESSAGE') {
        const place = counts.get(number) ?? 0
        counts.set(number, place + 1)
        const isList = field.label === 'LABEL_REPEATED'
        const inner = [...path, field.name, ...(isList ? [String(place)] : [])]
        if (inner.length > pathLengthMax) return found.push({ path: inner, number })
        scan(typeOf(types, typeName, field.typeName), part.subarray(start, end), inner)
      }
      at = end
    }
    return undefined
  }

  scan(root, message, [])
  if (found.length === unknownFieldsMax) found.push({ path: [], number: 0 })
  return found
}
