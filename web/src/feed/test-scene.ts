/** For tests: a feed whose sockets, naps and tickets the test holds by hand. */
import type { ClientFrame, ServerFrame } from '@quits/proto/feed'
import { makeCursors } from './cursor.ts'
import type { Socket, SocketEars } from './connection.ts'
import { type FeedListener, makeFeed } from './feed.ts'

export const settle = () => new Promise<void>((resolve) => setImmediate(resolve))

interface Line {
  sent: ClientFrame[]
  say: (frame: ServerFrame | Record<string, unknown>) => void
  cut: (code: number) => void
  closedHere: boolean
}

/** A browser with a shelf, and a server whose sockets the test holds by hand. */
export const makeScene = (
  options: { shelf?: Map<string, string>; silentTickets?: number } = {},
) => {
  const shelf = options.shelf ?? new Map<string, string>()
  const lines: Line[] = []
  const told: string[] = []
  const naps: { ms: number; wake: () => void }[] = []
  const clock = { nowMs: 0 }
  let tickets = 0

  const openSocket = (ears: SocketEars): Socket => {
    const line: Line = {
      sent: [],
      say: (frame) => ears.heard(JSON.stringify(frame)),
      cut: (code) => ears.closed(code),
      closedHere: false,
    }
    lines.push(line)
    queueMicrotask(() => ears.opened())
    return {
      send: (text) => line.sent.push(JSON.parse(text) as ClientFrame),
      close: () => {
        line.closedHere = true
      },
    }
  }
  const listener: FeedListener = {
    events: (notifications, moreFollows) => {
      for (const { seq } of notifications) told.push(`event ${seq}`)
      if (moreFollows) told.push('more follows')
    },
    reload: () => told.push('reload'),
    marked: () => told.push('marked'),
    cutShort: () => told.push('cut short'),
    counts: ({ unseen }) => told.push(`unseen ${unseen}`),
    live: (isLive) => told.push(isLive ? 'live' : 'away'),
    late: (isLate) => told.push(isLate ? 'late' : 'in time'),
  }
  const feed = makeFeed(
    {
      openSocket,
      ticket: ({ fresh }) => {
        tickets += 1
        if (tickets <= (options.silentTickets ?? 0)) return new Promise<never>(() => undefined)
        return Promise.resolve(`ticket-${tickets}${fresh ? '-fresh' : ''}`)
      },
      tokenEndsAtMs: () => 900_000,
      cursors: makeCursors(
        {
          getItem: (name) => shelf.get(name) ?? null,
          setItem: (name, value) => void shelf.set(name, value),
        },
        'u-bo',
      ),
      device: 'laptop',
      now: () => clock.nowMs,
      random: () => 0.5,
      sleep: (ms, signal) =>
        new Promise((resolve) => {
          if (signal.aborted) return resolve()
          naps.push({ ms, wake: resolve })
          signal.addEventListener('abort', () => resolve(), { once: true })
        }),
    },
    listener,
  )
  /** Ends every nap of exactly `ms`. */
  const pass = async (ms: number) => {
    clock.nowMs += ms
    for (const nap of naps.filter((candidate) => candidate.ms === ms)) nap.wake()
    await settle()
  }
  const stopper = new AbortController()
  const running = feed.run(stopper.signal)
  const stop = async () => {
    stopper.abort()
    await running
  }
  const line = (index: number): Line => {
    const found = lines[index]
    if (found === undefined) throw new Error(`no socket ${index}`)
    return found
  }
  return { shelf, told, naps, pass, stop, line, lines, running }
}

export const events = (told: string[]) => told.filter((word) => word.startsWith('event'))

export const welcome = (head: number, recovered: boolean, epoch = 1) => ({
  type: 'welcome',
  epoch,
  head,
  counts: { unseen: 0, unread: 0 },
  pingMs: 25_000,
  recovered,
})

export const event = (seq: number) => ({
  type: 'event',
  seq,
  id: `b:${seq}`,
  kind: 'transaction.posted',
  weight: 'alert',
  at: '2026-05-03T10:00:00Z',
  actor: 'u-ana',
  subject: { type: 'debt', id: 'b' },
  data: { balance: { minor: '0', currency: 'EUR' }, role: 'borrower' },
})
