/**
 * The live feed without React: keeps one socket open while it runs, hands over each event once and
 * in order, and says so honestly when a stretch of the past must be read by REST instead.
 */
import type { Counts, Notification, ServerFrame } from '@quits/proto/feed'
import { backoffMs } from './backoff.ts'
import type { Cursors } from './cursor.ts'
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

export interface FeedDependencies {
  openSocket: (ears: SocketEars) => Socket
  /** A single-use ticket; `fresh` asks for one that outlives the present access token. */
  ticket: (options: { fresh: boolean }) => Promise<string>
  /** When the access token behind the last ticket ends, in ms since the epoch. */
  tokenEndsAtMs: () => number
  cursors: Cursors
  device: string
  now: () => number
  random: () => number
  /** Resolves after `ms`, or at once when the signal is heard. */
  sleep: (ms: number, signal: AbortSignal) => Promise<void>
}

export interface FeedListener {
  event: (notification: Notification) => void
  /** What was shown may be stale: read everything again by REST. */
  reload: () => void
  counts: (counts: Counts) => void
  live: (isLive: boolean) => void
}

/** Pings missed before a silent socket is given up. */
const pingsMissedMax = 2.5
/** The socket gets its new ticket this long before the old token ends. */
const refreshAheadMs = 60_000
const refreshDelayMsMin = 5_000
const ackDelayMs = 500
/** Codes after which coming back would be refused again (design, The feed). */
const finalCodes: ReadonlySet<number> = new Set([4500, 4503, 4505])

export interface Feed {
  run: (signal: AbortSignal) => Promise<void>
}

export const makeFeed = (dependencies: FeedDependencies, listener: FeedListener): Feed => {
  const { cursors, device, random, sleep } = dependencies
  let place = cursors.load()
  /** The hole that a resume did not fill; the second time it is a gap. */
  let holeBefore: number | undefined

  const moveTo = (epoch: number, seq: number) => {
    place = { epoch, seq }
    cursors.save(place)
  }

  /** One connection, from ticket to close. Resolves with how it ended. */
  const connect = async (stop: AbortSignal): Promise<Ending> => {
    const ticket = await dependencies.ticket({ fresh: false })
    const ended = Promise.withResolvers<Ending>()
    const over = new AbortController()
    const ending: Ending = { code: 0, welcomed: false, afterMs: 0 }
    let epoch = 0
    let head = 0
    let lastHeardMs = dependencies.now()
    let acking = false
    let counts: Counts = { unseen: 0, unread: 0 }
    const count = (next: Counts) => {
      counts = next
      listener.counts(counts)
    }

    const socket = dependencies.openSocket({
      opened: () =>
        socket.send(
          writeFrame({ type: 'connect', ticket, device, ...(place ? { since: place } : {}) }),
        ),
      heard: (text) => {
        lastHeardMs = dependencies.now()
        const frame = readFrame(text)
        if (frame !== undefined && !over.signal.aborted) hear(frame)
      },
      closed: (code) => finish(code),
    })

    const finish = (code: number) => {
      if (over.signal.aborted) return
      over.abort()
      ended.resolve({ ...ending, code })
    }
    const drop = () => {
      finish(0)
      socket.close()
    }

    const welcome = (frame: ServerFrame & { type: 'welcome' }) => {
      ending.welcomed = true
      epoch = frame.epoch
      head = frame.head
      if (!frame.recovered || place?.epoch !== frame.epoch) {
        moveTo(frame.epoch, frame.head)
        listener.reload()
      }
      count(frame.counts)
      listener.live(true)
      void watch(frame.pingMs)
      void keepTicketFresh()
    }

    const hear = (frame: ServerFrame) => {
      switch (frame.type) {
        case 'welcome':
          return welcome(frame)
        case 'event': {
          const { type: _, ...notification } = frame
          return take(notification)
        }
        case 'gap':
          moveTo(epoch, head)
          return listener.reload()
        case 'ping':
          return socket.send(writeFrame({ type: 'pong' }))
        case 'state':
          return count(frame.counts)
        case 'bye':
          ending.afterMs = frame.afterMs
          return undefined
        case 'replayed':
        case 'error':
          return undefined
      }
    }

    const take = (notification: Notification) => {
      const last = place?.seq ?? 0
      if (notification.seq <= last) return
      if (notification.seq !== last + 1) {
        if (holeBefore !== notification.seq) {
          // The server never skips, so this connection lost something: resume from what we have.
          holeBefore = notification.seq
          drop()
          return
        }
        listener.reload()
      }
      moveTo(epoch, notification.seq)
      listener.event(notification)
      // The counts of `welcome` hold what is replayed; only what comes later adds to them.
      if (notification.seq > head && notification.weight !== 'silent') {
        count({ unseen: counts.unseen + 1, unread: counts.unread + 1 })
      }
      void acknowledge()
    }

    const acknowledge = async () => {
      if (acking) return
      acking = true
      await sleep(ackDelayMs, over.signal)
      acking = false
      if (!over.signal.aborted) socket.send(writeFrame({ type: 'ack', seq: place?.seq ?? 0 }))
    }

    const watch = async (pingMs: number) => {
      while (!over.signal.aborted) {
        await sleep(pingMs, over.signal)
        if (dependencies.now() - lastHeardMs > pingMs * pingsMissedMax) drop()
      }
    }

    const keepTicketFresh = async () => {
      while (!over.signal.aborted) {
        const leftMs = dependencies.tokenEndsAtMs() - dependencies.now() - refreshAheadMs
        await sleep(Math.max(leftMs, refreshDelayMsMin), over.signal)
        if (over.signal.aborted) return
        const next = await dependencies.ticket({ fresh: true }).catch(() => undefined)
        if (next === undefined || over.signal.aborted) continue
        socket.send(writeFrame({ type: 'refresh', ticket: next }))
      }
    }

    stop.addEventListener('abort', drop, { once: true, signal: over.signal })
    if (stop.aborted) drop()
    return ended.promise
  }

  return {
    async run(signal) {
      let attempt = 0
      while (!signal.aborted) {
        const ending = await connect(signal).catch(() => neverOpened)
        listener.live(false)
        if (finalCodes.has(ending.code)) return
        if (ending.welcomed) attempt = 0
        await sleep(ending.afterMs + backoffMs(attempt, random()), signal)
        attempt += 1
      }
    },
  }
}

interface Ending {
  /** The close code; 0 when this side gave up. */
  code: number
  welcomed: boolean
  /** The server's wish: come back no sooner. */
  afterMs: number
}

const neverOpened: Ending = { code: 0, welcomed: false, afterMs: 0 }
