/**
 * The same feed for programs that can't speak WebSocket: an answer that does not end. Order, resume,
 * gap and caps are those of the sockets, because all that lies between the feed and the wire is
 * shared with them. A stream only listens: marks go by REST, and nothing answers a ping.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import type { Log } from '@quits/kit/log'
import type { Part } from '@quits/kit/run'
import { closeCodes, type Cursor } from '@quits/proto/feed'
import type { Change } from '../hints.ts'
import type { Figures } from '../metrics.ts'
import { type ProblemCode, RefusalError } from '../problems.ts'
import { type Opened, type Opening, RefusedError } from '../sockets/opening.ts'
import type { Device, Registry } from '../sockets/registry.ts'
import { addressOf, type Seats } from '../sockets/seats.ts'
import type { Pass } from '../tickets.ts'
import { makeStreamWire } from './stream-wire.ts'

const closeMsMax = 2_000
const changesEarlyMax = 20
const timerMsMax = 2_147_483_647
/** Clients that lost their process come back spread over this time. */
const comeBackMsMax = 5_000
/** From here on a close is final (the convention of the close codes). */
const finalFrom = 4_500

export interface StreamDependencies {
  opening: Pick<Opening, 'join' | 'prepare'>
  registry: Pick<Registry, 'leave'>
  seats: Seats
  figures: Pick<Figures, 'closes'>
  now: () => number
  log: Log
}

/** One visit: who it is, from where on, and the answer to write to. */
export interface Visit {
  request: IncomingMessage
  response: ServerResponse
  pass: Pass
  since: Cursor | undefined
}

export type Streams = ReturnType<typeof makeStreams>

export const makeStreams = (dependencies: StreamDependencies) => {
  const devices = new Set<Device & { gone: Promise<void> }>()
  let draining = false

  /** Resolves once the stream has begun. Rejects with a refusal while nothing was written. */
  const open = async (visit: Visit): Promise<void> => {
    const { seats } = dependencies
    if (draining || seats.isFull()) throw new RefusalError('unavailable')
    const seat = seats.take(addressOf(visit.request))
    const stream = makeStream(dependencies, visit)
    devices.add(stream.device)
    const gone = stream.device.gone.then(() => {
      seat.leave()
      devices.delete(stream.device)
    })
    gone.catch((error: unknown) => dependencies.log.error({ err: error }, 'stream not left'))
    if (seat.isCrowded) stream.device.close(closeCodes.tooManySockets)
    else await stream.begin()
    if (stream.refusal() !== undefined) throw new RefusalError(stream.refusal() ?? 'unavailable')
  }

  const part: Part = {
    name: 'streams',
    async run(signal) {
      await new Promise<void>((resolve) => {
        if (signal.aborted) resolve()
        else signal.addEventListener('abort', () => resolve(), { once: true })
      })
      draining = true
      const gone = [...devices].map((device) => device.gone)
      for (const device of devices) device.bye(Math.round(Math.random() * comeBackMsMax))
      const late = new AbortController()
      const waited = delay(closeMsMax, undefined, { signal: late.signal }).catch(() => undefined)
      await Promise.race([Promise.all(gone), waited])
      late.abort()
    },
  }

  return { part, open, streams: () => devices.size }
}

const makeStream = (dependencies: StreamDependencies, visit: Visit) => {
  const { opening, registry, now, log } = dependencies
  const { response, pass } = visit
  const { userId } = pass
  const gone = Promise.withResolvers<void>()
  let epoch = 1
  let opened: Opened | undefined
  let closedWith: number | undefined
  let left = false
  /** Marks made elsewhere between our place in the registry and our welcome. */
  const early: Change[] = []
  const wire = makeStreamWire(response, () => epoch)
  const waitMs = Math.min(timerMsMax, Math.max(0, pass.expiresAtMs - now()))
  const expiry = setTimeout(() => device.close(closeCodes.expired), waitMs)

  const leave = () => {
    if (left) return
    left = true
    clearTimeout(expiry)
    wire.stop()
    opened?.heartbeat.stop()
    opened?.outflow.stop()
    registry.leave(userId, device)
    gone.resolve()
  }

  const end = (code: number, afterMs: number) => {
    if (left) return
    closedWith = code
    leave()
    dependencies.figures.closes.inc({ code: String(code) })
    // Before the first byte a problem document says it better; the caller writes it.
    if (!response.headersSent) return
    wire.frame({ type: 'bye', code, reconnect: code < finalFrom, afterMs })
    response.end()
    const cut = setTimeout(() => response.destroy(), closeMsMax)
    response.once('close', () => clearTimeout(cut))
  }

  const device: Device & { gone: Promise<void> } = {
    gone: gone.promise,
    unacked: () => 0,
    grown: () => opened?.outflow.advance(),
    changed(change) {
      if (opened !== undefined) return opened.outflow.changed(change)
      if (early.length >= changesEarlyMax) return device.close(closeCodes.resume)
      early.push(change)
    },
    bye: (afterMs) => end(closeCodes.drain, afterMs),
    close: (code) => end(code, 0),
  }

  const begin = async (): Promise<void> => {
    try {
      const channel = opening.join(pass, device)
      const close = (code: number) => device.close(code)
      const { since } = visit
      const hasGone = () => left
      const at = { userId, since, channel, wire, close, hasGone, answersPings: false }
      const { begin: greet, ...parts } = await opening.prepare(at)
      if (left) return parts.heartbeat.stop()
      opened = parts
      epoch = channel.head()?.epoch ?? 1
      wire.begin()
      greet()
      for (const change of early.splice(0)) parts.outflow.changed(change)
    } catch (error) {
      if (error instanceof RefusedError) return device.close(error.code)
      log.warn({ err: error }, 'stream could not be opened')
      device.close(closeCodes.resume)
    }
  }

  response.on('close', leave)
  response.on('error', (error) => log.debug({ err: error }, 'stream failed'))
  return {
    device,
    begin,
    /** Why nothing was written, if nothing was. */
    refusal: (): ProblemCode | undefined =>
      closedWith === undefined || response.headersSent ? undefined : refusalOf(closedWith),
  }
}

const refusalOf = (code: number): ProblemCode => {
  if (code === closeCodes.tooManySockets) return 'too_many_streams'
  const isOver = code === closeCodes.unauthenticated || code === closeCodes.expired
  return isOver ? 'unauthenticated' : 'unavailable'
}
