/** One socket from its ticket to its close: it introduces itself, answers pings, stays allowed. */
import type { Cursor, ServerFrame } from '@quits/proto/feed'
import { readFrame, writeFrame } from './frames.ts'

export interface Socket {
  send: (text: string) => void
  close: () => void
}

export interface SocketEars {
  opened: () => void
  heard: (text: string) => void
  closed: (code: number) => void
}

export interface ConnectionDependencies {
  openSocket: (ears: SocketEars) => Socket
  /** A single-use ticket; `fresh` asks for one that outlives the present access token. */
  ticket: (options: { fresh: boolean }) => Promise<string>
  /** When the access token behind the last ticket ends, in ms since the epoch. */
  tokenEndsAtMs: () => number
  device: string
  now: () => number
  /** Resolves after `ms`, or at once when the signal is heard. */
  sleep: (ms: number, signal: AbortSignal) => Promise<void>
}

export interface Ending {
  /** The close code; 0 when this side gave up. */
  code: number
  /** True when the server let us in. */
  welcomed: boolean
  /** The server's wish: come back no sooner. */
  afterMs: number
}

export interface Connection {
  /** Tells the server how far this device is; several calls become one frame. */
  acknowledge: (seq: number) => void
  drop: () => void
}

/** Pings missed before a silent socket is given up. */
const pingsMissedMax = 2.5
/** The socket gets its new ticket this long before the old token ends. */
const refreshAheadMs = 60_000
const refreshDelayMsMin = 5_000
const ackDelayMs = 500
/** For the ticket, and again from there to the welcome: then this try has failed. */
const openMsMax = 15_000

/** Opens a connection and resolves with how it ended; rejects when there was no ticket. */
export const runConnection = async (
  dependencies: ConnectionDependencies,
  since: Cursor | undefined,
  hear: (frame: ServerFrame, connection: Connection) => void,
  stop: AbortSignal,
): Promise<Ending> => {
  const { device, now, sleep } = dependencies
  const ticket = await ticketInTime(dependencies, { fresh: false }, stop)
  const ended = Promise.withResolvers<Ending>()
  const over = new AbortController()
  const ending: Ending = { code: 0, welcomed: false, afterMs: 0 }
  let lastHeardMs = now()

  const finish = (code: number) => {
    if (over.signal.aborted) return
    over.abort()
    ended.resolve({ ...ending, code })
  }
  const socket = dependencies.openSocket({
    opened: () =>
      socket.send(
        writeFrame({ type: 'connect', ticket, device, ...(since === undefined ? {} : { since }) }),
      ),
    heard: (text) => {
      lastHeardMs = now()
      const frame = readFrame(text)
      if (frame !== undefined && !over.signal.aborted) take(frame)
    },
    closed: finish,
  })
  const connection: Connection = {
    acknowledge: makeAcknowledge(socket, sleep, over.signal),
    drop: () => {
      finish(0)
      socket.close()
    },
  }

  const take = (frame: ServerFrame) => {
    if (frame.type === 'welcome') {
      ending.welcomed = true
      void watch(frame.pingMs)
      void stayAllowed(dependencies, socket, over.signal)
    }
    if (frame.type === 'bye') ending.afterMs = frame.afterMs
    if (frame.type === 'ping') socket.send(writeFrame({ type: 'pong' }))
    hear(frame, connection)
  }
  const watch = async (pingMs: number) => {
    while (!over.signal.aborted) {
      await sleep(pingMs, over.signal)
      if (now() - lastHeardMs > pingMs * pingsMissedMax) connection.drop()
    }
  }

  // A socket that opens into nothing never closes by itself.
  void sleep(openMsMax, over.signal).then(() => {
    if (!ending.welcomed) connection.drop()
  })
  stop.addEventListener('abort', connection.drop, { once: true, signal: over.signal })
  if (stop.aborted) connection.drop()
  return ended.promise
}

/** Rejects when no ticket comes in time: a door that says nothing must not end all further tries. */
const ticketInTime = async (
  { ticket, sleep }: ConnectionDependencies,
  wish: { fresh: boolean },
  stop: AbortSignal,
): Promise<string> => {
  const done = new AbortController()
  stop.addEventListener('abort', () => done.abort(), { once: true, signal: done.signal })
  if (stop.aborted) done.abort()
  const late = sleep(openMsMax, done.signal).then(() => {
    throw new Error('no ticket in time')
  })
  try {
    return await Promise.race([ticket(wish), late])
  } finally {
    done.abort()
  }
}

/** Gathers acknowledgements: the highest of a while goes out as one frame. */
const makeAcknowledge = (
  socket: Socket,
  sleep: ConnectionDependencies['sleep'],
  over: AbortSignal,
): Connection['acknowledge'] => {
  let highest: number | undefined
  return (seq) => {
    const isFirst = highest === undefined
    highest = seq
    if (!isFirst) return
    void sleep(ackDelayMs, over).then(() => {
      if (!over.aborted) socket.send(writeFrame({ type: 'ack', seq: highest ?? seq }))
      highest = undefined
    })
  }
}

/** Brings the socket a new ticket before the token behind the last one ends. */
const stayAllowed = async (
  dependencies: ConnectionDependencies,
  socket: Socket,
  over: AbortSignal,
): Promise<void> => {
  const { sleep, now, tokenEndsAtMs } = dependencies
  while (!over.aborted) {
    const leftMs = tokenEndsAtMs() - now() - refreshAheadMs
    await sleep(Math.max(leftMs, refreshDelayMsMin), over)
    if (over.aborted) return
    // Without a ticket the server ends the socket in time, and the next one asks again.
    const next = await ticketInTime(dependencies, { fresh: true }, over).catch(() => undefined)
    if (next !== undefined && !over.aborted) {
      socket.send(writeFrame({ type: 'refresh', ticket: next }))
    }
  }
}
