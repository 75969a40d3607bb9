// A device that keeps to the protocol, on a raw socket; it holds every frame against its schema.
import { type ServerFrame, serverFrame } from '@quits/proto/feed'
import { opcodes, type ParsedFrame, textBytes } from './bytes.ts'
import { must, type Subject, within } from './check.ts'
import { type Handshake, openRaw, type RawSocket } from './raw-socket.ts'

type Type = ServerFrame['type']
type Frame<T extends Type> = Extract<ServerFrame, { type: T }>

const frameMsMax = 15_000
const frameBytesMax = 65_536

export type Device = Awaited<ReturnType<typeof openDevice>>

/** What is wrong with a frame of the server, if anything. */
const faultOf = (frame: ParsedFrame): string | undefined => {
  if (frame.masked) return 'a frame of the server is masked'
  if (frame.reserved !== 0) return 'reserved bits are set though no extension was agreed'
  if (frame.opcode === opcodes.binary) return 'a binary message'
  if (frame.payload.length > frameBytesMax) return `a frame of ${frame.payload.length} bytes`
  return undefined
}

const readText = (payload: Buffer): ServerFrame | string => {
  const text = payload.toString('utf8')
  try {
    const result = serverFrame.safeParse(JSON.parse(text))
    if (result.success) return result.data
    const [issue] = result.error.issues
    return `a frame of another shape (${issue?.path.join('.')}: ${issue?.message}): ${text}`
  } catch {
    return `a message that is no JSON: ${text.slice(0, 200)}`
  }
}

/** A socket that is open and has said nothing yet. */
export async function openDevice(subject: Subject, handshake?: Handshake) {
  const raw = await openRaw(subject.url, handshake)
  must(raw.status === 101, () => `the handshake was answered with ${raw.status}`)
  return deviceOn(raw)
}

const deviceOn = (raw: RawSocket) => {
  const frames: ServerFrame[] = []
  const faults: string[] = []
  const watchers = new Set<() => void>()
  let mute = false

  const say = (frame: unknown) => {
    raw.send(textBytes(typeof frame === 'string' ? frame : JSON.stringify(frame)))
  }
  raw.listen((frame) => {
    const fault = faultOf(frame)
    if (fault !== undefined) faults.push(fault)
    if (frame.opcode === opcodes.text) {
      const read = readText(frame.payload)
      if (typeof read === 'string') faults.push(read)
      else frames.push(read)
      if (typeof read !== 'string' && read.type === 'ping' && !mute) say({ type: 'pong' })
    }
    for (const watcher of watchers) watcher()
  })

  const of = <T extends Type>(type: T): Frame<T>[] =>
    frames.filter((frame): frame is Frame<T> => frame.type === type)

  const until = async <T>(what: string, look: () => T | undefined, ms = frameMsMax): Promise<T> => {
    const found = Promise.withResolvers<T>()
    const check = () => {
      const value = look()
      if (value !== undefined) found.resolve(value)
    }
    watchers.add(check)
    check()
    try {
      return await within(ms, what, found.promise)
    } finally {
      watchers.delete(check)
    }
  }

  return {
    raw,
    frames,
    say,
    of,
    until,
    /** The `count`-th frame of this type. */
    frame: <T extends Type>(type: T, count = 1, ms?: number): Promise<Frame<T>> =>
      until(`${type} frame`, () => of(type)[count - 1], ms),
    seqs: () => of('event').map(({ seq }) => seq),
    /** From now on no ping is answered. */
    fallSilent(): void {
      mute = true
    },
    /** Leaves, and says what was wrong with any frame it got. */
    leave(): void {
      raw.cut()
      must(faults.length === 0, () => faults.slice(0, 3).join('; '))
    },
  }
}

/** A device that was welcomed; `since` is the place from which it resumes. */
export async function connectDevice(
  subject: Subject,
  since?: { epoch: number; seq: number },
): Promise<Device & { welcome: Frame<'welcome'> }> {
  const device = await openDevice(subject)
  const connect = { type: 'connect', ticket: await subject.ticket(), device: 'conformance' }
  device.say({ ...connect, ...(since === undefined ? {} : { since }) })
  return { ...device, welcome: await device.frame('welcome') }
}
