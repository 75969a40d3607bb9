// A TCP proxy that does to a connection what networks do: cuts it, delays it, loses the reply,
// or leaves it half open. It reads the protocol in frames, and a rule judges each.
import { createServer, connect } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { Action, Frame, Protocol, Rule } from './frame.ts'
import { passing } from './rules.ts'

export interface TcpProxy {
  port: number
  /** From now on; connections that exist obey it too. */
  setRule: (rule: Rule) => void
  /** Ends every connection there is, both ways, with a reset. */
  cutAll: () => void
  /** While refused, a new connection is reset at once. */
  refuse: (refused: boolean) => void
  /** How many connections came so far. */
  connections: () => number
  close: () => Promise<void>
}

export interface Target {
  host: string
  port: number
}

/** Listens on a free port of 127.0.0.1. */
export async function startTcpProxy(target: Target, protocol: Protocol): Promise<TcpProxy> {
  let rule = passing
  let refused = false
  let count = 0
  const open = new Set<Socket>()
  const keep = (socket: Socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
    socket.setNoDelay(true)
  }
  const server = createServer({ allowHalfOpen: true }, (client) => {
    count += 1
    keep(client)
    if (refused) {
      client.resetAndDestroy()
      return
    }
    const upstream = connect({ ...target, allowHalfOpen: true })
    keep(upstream)
    join(client, upstream, protocol, (frame) => rule.judge(frame))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    setRule(next) {
      rule = next
    },
    cutAll() {
      for (const socket of open) socket.resetAndDestroy()
    },
    refuse(wanted) {
      refused = wanted
    },
    connections: () => count,
    async close() {
      for (const socket of open) socket.destroy()
      await closed(server)
    },
  }
}

const closed = (server: Server) => new Promise<void>((resolve) => server.close(() => resolve()))

/** Two sockets become one connection: what ends or breaks one side does so to the other. */
function join(
  client: Socket,
  upstream: Socket,
  protocol: Protocol,
  judge: (frame: Frame) => Action,
): void {
  const cut = () => {
    client.resetAndDestroy()
    upstream.resetAndDestroy()
  }
  for (const [from, to] of [
    [client, upstream],
    [upstream, client],
  ] as const) {
    const splitter = protocol(from === client ? 'request' : 'reply')
    const pipe = makePipe({ to, judge, cut })
    from.on('data', (chunk: Buffer) => {
      from.pause()
      void pipe(splitter.push(chunk)).then(() => from.resume())
    })
    from.once('end', () => to.end())
    from.once('error', cut)
    from.once('close', () => {
      if (!to.destroyed && !from.readableEnded) cut()
    })
  }
}

interface Ends {
  to: Socket
  judge: (frame: Frame) => Action
  cut: () => void
}

/** Delivers frames one after the other, so that a delay keeps their order. */
function makePipe({ to, judge, cut }: Ends): (frames: Frame[]) => Promise<void> {
  let held = false
  return async (frames) => {
    for (const frame of frames) {
      if (held || to.destroyed) return
      const action = judge(frame)
      if (action === 'cut') return cut()
      if (action === 'hold') {
        held = true
        return
      }
      const instead = typeof action === 'object' && 'instead' in action ? action.instead : undefined
      if (typeof action === 'object' && 'delayMs' in action) await delay(action.delayMs)
      await written(to, instead ?? frame.bytes)
      if (action === 'pass-and-cut') return cut()
    }
  }
}

/** Resolves when the system has the bytes, or the socket is gone. */
const written = (socket: Socket, bytes: Buffer) =>
  new Promise<void>((resolve) => {
    if (socket.destroyed) return resolve()
    socket.write(bytes, () => resolve())
  })
