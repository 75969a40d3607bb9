/** Frames of `quits.feed.v1` as text. The shapes are the contract's; the browser carries no zod. */
import type { ClientFrame, ServerFrame } from '@quits/proto/feed'

/** The WebSocket subprotocol. */
export const feedProtocol = 'quits.feed.v1'

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

/** The whole numbers that each frame cannot do without. */
const wholeNumbers: Readonly<Record<ServerFrame['type'], readonly string[]>> = {
  welcome: ['epoch', 'head', 'pingMs'],
  event: ['seq'],
  replayed: ['from', 'to'],
  state: [],
  gap: ['earliest', 'head'],
  ping: ['head'],
  error: [],
  bye: ['afterMs'],
}

const isKnown = (type: unknown): type is ServerFrame['type'] =>
  typeof type === 'string' && Object.hasOwn(wholeNumbers, type)

/** A frame, or undefined for what a later server may say: it is passed over. */
export const readFrame = (text: string): ServerFrame | undefined => {
  let frame: unknown
  try {
    frame = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!isObject(frame) || !isKnown(frame['type'])) return undefined
  const members = frame
  const whole = wholeNumbers[frame['type']].every((name) => Number.isSafeInteger(members[name]))
  return whole ? (members as ServerFrame) : undefined
}

export const writeFrame = (frame: ClientFrame): string => JSON.stringify(frame)
