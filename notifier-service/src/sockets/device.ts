/**
 * One socket from its first frame to its close. Everything that waits is followed by the question
 * whether the socket is still open; every way to end goes through `close`.
 */
import type { Duplex } from 'node:stream'
import type { Log } from '@quits/kit/log'
import { type ClientFrame, closeCodes } from '@quits/proto/feed'
import type { RawData, WebSocket } from 'ws'
import type { Change } from '../hints.ts'
import type { Mark } from '../mark.ts'
import type { Figures } from '../metrics.ts'
import type { Pass } from '../tickets.ts'
import { frameText, makeFrameAllowance, readFrame } from './frames.ts'
import { type Opened, type Opening, RefusedError } from './opening.ts'
import type { Device, Registry } from './registry.ts'
import { makeSocketWire } from './wire.ts'

export interface DeviceDependencies {
  opening: Opening
  registry: Pick<Registry, 'leave' | 'renew'>
  mark: Mark
  figures: Pick<Figures, 'closes'>
  connectMs: number
  now: () => number
  log: Log
}

type Frame<T extends ClientFrame['type']> = Extract<ClientFrame, { type: T }>

/** A peer that does not answer our close is cut off after this. */
const closeMsMax = 2_000
const marksWaitingMax = 20
const changesEarlyMax = 20
const retryAfterMs = 1_000
const timerMsMax = 2_147_483_647

export const makeDevice = (dependencies: DeviceDependencies, socket: WebSocket, raw: Duplex) => {
  const { opening, registry, now, log } = dependencies
  const allowed = makeFrameAllowance(now)
  let phase: 'waiting' | 'opening' | 'open' | 'closed' = 'waiting'
  let pass: Pass | undefined
  let opened: Opened | undefined
  let acked = 0
  let marksWaiting = 0
  /** Marks made elsewhere between our place in the registry and our welcome. */
  const early: Change[] = []
  let marking = Promise.resolve()
  let expiry: NodeJS.Timeout | undefined

  const cleanUp = () => {
    phase = 'closed'
    clearTimeout(noConnect)
    clearTimeout(expiry)
    opened?.heartbeat.stop()
    opened?.outflow.stop()
    if (pass !== undefined) registry.leave(pass.userId, device)
  }

  const close = (code: number) => {
    if (phase === 'closed') return
    cleanUp()
    dependencies.figures.closes.inc({ code: String(code) })
    socket.close(code)
    const cut = setTimeout(() => socket.terminate(), closeMsMax)
    socket.once('close', () => clearTimeout(cut))
  }

  const noConnect = setTimeout(() => close(closeCodes.noConnect), dependencies.connectMs)

  const liveOn = (next: Pass) => {
    pass = next
    clearTimeout(expiry)
    const waitMs = Math.min(timerMsMax, Math.max(0, next.expiresAtMs - now()))
    expiry = setTimeout(() => close(closeCodes.expired), waitMs)
  }

  const fail = (code: string, temporary: boolean) => {
    if (phase === 'closed') return
    const afterMs = temporary ? retryAfterMs : 0
    socket.send(frameText({ type: 'error', code, temporary, retryAfterMs: afterMs }))
  }

  const connect = async (frame: Frame<'connect'>) => {
    phase = 'opening'
    clearTimeout(noConnect)
    const admitted = await opening.admit(frame.ticket)
    // The socket may have gone while Redis was asked.
    if (isClosed()) return
    if (admitted === undefined) return close(closeCodes.unauthenticated)
    const channel = opening.join(admitted, device, frame.device)
    liveOn(admitted)
    const { userId } = admitted
    const { begin, ...parts } = await opening.prepare({
      userId,
      since: frame.since,
      channel,
      wire: makeSocketWire(socket, raw),
      answersPings: true,
      close,
      hasGone: isClosed,
    })
    if (isClosed()) return parts.heartbeat.stop()
    opened = parts
    phase = 'open'
    begin()
    for (const change of early.splice(0)) parts.outflow.changed(change)
  }
  const isClosed = () => phase === 'closed'

  const notConnected = (error: unknown) => {
    if (error instanceof RefusedError) return close(error.code)
    // Redis or MongoDB is away: the client comes back later with a new ticket.
    log.warn({ err: error }, 'socket could not be opened')
    fail('unavailable', true)
    close(closeCodes.resume)
  }

  const refresh = async (frame: Frame<'refresh'>) => {
    const next = await opening.admit(frame.ticket).catch(() => undefined)
    if (isClosed()) return
    if (next === undefined || next.userId !== pass?.userId) return fail('ticket_refused', true)
    registry.renew(next, device)
    liveOn(next)
  }

  const mark = (userId: string, frame: Frame<'mark'>) => {
    if (marksWaiting >= marksWaitingMax) return close(closeCodes.tooFast)
    marksWaiting += 1
    const marked = frame.ids === undefined ? { upTo: frame.upTo ?? 0 } : { ids: frame.ids }
    // One after the other, in the order they came.
    marking = marking
      .then(() => dependencies.mark(userId, marked, frame.status))
      .catch((error: unknown) => {
        log.warn({ err: error }, 'mark not stored')
        fail('mark_not_stored', true)
      })
      .then(() => {
        marksWaiting -= 1
      })
  }

  const handle = (at: Opened, userId: string, frame: ClientFrame): void => {
    switch (frame.type) {
      case 'connect':
        return close(closeCodes.badFrame)
      case 'ack':
        acked = Math.max(acked, Math.min(frame.seq, at.outflow.sent()))
        return
      case 'mark':
        return mark(userId, frame)
      case 'pong':
        return at.heartbeat.answered()
      case 'refresh':
        refresh(frame).catch((error: unknown) => log.error({ err: error }, 'refresh failed'))
    }
  }

  const hear = (data: RawData, isBinary: boolean): void => {
    if (isClosed()) return
    if (!allowed()) return close(closeCodes.tooFast)
    if (isBinary || !Buffer.isBuffer(data)) return close(closeCodes.badFrame)
    const read = readFrame(data.toString('utf8'))
    if ('fault' in read) return close(closeCodes.badFrame)
    if (opened !== undefined && pass !== undefined) {
      if ('unknownType' in read) return fail('unknown_type', false)
      return handle(opened, pass.userId, read.frame)
    }
    const isFirst = phase === 'waiting' && 'frame' in read
    if (!isFirst || read.frame.type !== 'connect') return close(closeCodes.badFrame)
    connect(read.frame).catch(notConnected)
  }

  const device: Device = {
    unacked: () => (opened === undefined ? 0 : Math.max(0, opened.outflow.sent() - acked)),
    grown: () => opened?.outflow.advance(),
    changed(change) {
      if (opened !== undefined) return opened.outflow.changed(change)
      if (early.length >= changesEarlyMax) return close(closeCodes.resume)
      early.push(change)
    },
    bye(afterMs) {
      if (isClosed()) return
      const code = closeCodes.drain
      socket.send(frameText({ type: 'bye', code, reconnect: true, afterMs }))
      close(code)
    },
    close,
  }

  socket.on('message', hear)
  socket.on('close', () => {
    if (!isClosed()) cleanUp()
  })
  socket.on('error', (error) => log.debug({ err: error }, 'socket failed'))
  return device
}
