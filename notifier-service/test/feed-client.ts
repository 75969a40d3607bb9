/** A client of the feed for tests: real frames over a real socket, kept in the order they came. */
import { serverFrame, type ServerFrame } from '@quits/proto/feed'
import { WebSocket } from 'ws'

type Type = ServerFrame['type']
type Frame<T extends Type> = Extract<ServerFrame, { type: T }>

const waitMsMax = 20_000

export type FeedClient = Awaited<ReturnType<typeof openClient>>

/** Opens a socket; sends nothing yet. Pings are answered unless `mute`. */
export const openClient = (
  url: string,
  options: { origin?: string; protocol?: string; mute?: boolean; address?: string } = {},
) => {
  const protocols = options.protocol === '' ? [] : [options.protocol ?? 'quits.feed.v1']
  const socket = new WebSocket(url, protocols, {
    ...(options.origin === undefined ? {} : { origin: options.origin }),
    ...(options.address === undefined ? {} : { headers: { 'x-forwarded-for': options.address } }),
  })
  const frames: ServerFrame[] = []
  const watchers = new Set<() => void>()
  const wake = () => {
    for (const watcher of watchers) watcher()
  }
  let closedWith: number | undefined

  socket.on('message', (data: Buffer) => {
    const frame = serverFrame.parse(JSON.parse(data.toString('utf8')))
    frames.push(frame)
    if (frame.type === 'ping' && options.mute !== true) say({ type: 'pong' })
    wake()
  })
  socket.on('close', (code) => {
    closedWith = code
    wake()
  })
  socket.on('error', () => undefined)

  const say = (frame: unknown) => {
    socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame))
  }

  /** Resolves as soon as `look` finds something; fails loudly after a bound. */
  const until = <T>(what: string, look: () => T | undefined): Promise<T> =>
    new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        watchers.delete(check)
        const seen = `${JSON.stringify(frames).slice(-800)} closed ${closedWith}`
        reject(new Error(`waited in vain for ${what}; got ${seen}`))
      }, waitMsMax)
      const check = () => {
        const found = look()
        if (found === undefined) return
        clearTimeout(late)
        watchers.delete(check)
        resolve(found)
      }
      watchers.add(check)
      check()
    })

  const of = <T extends Type>(type: T): Frame<T>[] =>
    frames.filter((frame): frame is Frame<T> => frame.type === type)

  const client = {
    socket,
    frames,
    say,
    of,
    /** The `count`-th frame of this type. */
    frame: <T extends Type>(type: T, count = 1): Promise<Frame<T>> =>
      until(`${type} ${count}`, () => of(type)[count - 1]),
    /** Waits until an event with this seq came. */
    event: (seq: number) =>
      until(`event ${seq}`, () => of('event').find((event) => event.seq === seq)),
    seqs: () => of('event').map((event) => event.seq),
    closed: () => until('close', () => closedWith),
    close(): void {
      socket.close()
    },
  }
  return new Promise<typeof client>((resolve, reject) => {
    socket.once('open', () => resolve(client))
    socket.once('error', reject)
  })
}
