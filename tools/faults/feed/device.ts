// A device as people have it: the web app's own feed client on a real socket, and what its screen
// was told, in the order it was told.
import { setTimeout as delay } from 'node:timers/promises'
import type { Counts } from '@quits/proto/feed'
import { WebSocket } from 'ws'
import type { clientOf, Person } from '../../../notifier-service/test/bench.ts'
import type { SocketEars } from '../../../web/src/feed/connection.ts'
import { makeFeed } from '../../../web/src/feed/feed.ts'
import { feedProtocol } from '../../../web/src/feed/frames.ts'

export interface Device {
  name: string
  /** Whose device it is. */
  userId: string
  /** The seq of each event, as the screen got it. */
  applied: number[]
  /** How often it was told to read everything anew. */
  reloads: () => number
  /** Welcomes so far. */
  spells: () => number
  isLive: () => boolean
  /** What its screen shows; undefined before the first welcome. */
  counts: () => Counts | undefined
  /** Ends the socket without a word, as a crash does; the device comes back. */
  crash: () => void
  /** Stops reading the socket, and its clock, as a frozen phone does; or goes on. */
  stall: (isStalled: boolean) => void
  leave: () => Promise<void>
}

export interface DeviceOptions {
  name: string
  random: () => number
  /** The broken twin: never says where it was. */
  forgetful?: boolean
  /** Stops reading with its first welcome, until it is told to go on. */
  stalls?: boolean
  /** Called with the seq of each event at the moment it arrives. */
  onEvent?: (seq: number) => void
}

type People = Pick<ReturnType<typeof clientOf>, 'ask' | 'socketUrl'>

/** Begins at the start of the feed and keeps coming back until it leaves. `at` is asked each time. */
export function startDevice(at: () => People, person: Person, options: DeviceOptions): Device {
  const applied: number[] = []
  let reloads = 0
  let spells = 0
  let live = false
  let counts: Counts | undefined
  let socket: WebSocket | undefined
  const left = new AbortController()
  let frozen: PromiseWithResolvers<void> | undefined
  const stall = (isStalled: boolean) => {
    if (isStalled) {
      frozen ??= Promise.withResolvers<void>()
      socket?.pause()
    } else {
      frozen?.resolve()
      frozen = undefined
      socket?.resume()
    }
  }
  const feed = makeFeed(
    {
      openSocket(ears) {
        const opened = openSocket(at().socketUrl, ears)
        socket = opened
        return {
          send: (text) => opened.send(options.forgetful === true ? withoutPlace(text) : text),
          close: () => opened.close(),
        }
      },
      async ticket() {
        const { status, body } = await at().ask(person, 'POST', '/v1/feed/tickets')
        if (status !== 201) throw new Error(`no ticket: ${status}`)
        return String(body['ticket'])
      },
      tokenEndsAtMs: () => Number.MAX_SAFE_INTEGER,
      device: options.name,
      now: Date.now,
      random: options.random,
      sleep: async (ms, signal) => {
        await delay(Math.min(ms, sleepMsMax), undefined, { signal }).catch(() => undefined)
        await frozen?.promise
      },
      cursors: { load: () => ({ epoch: 1, seq: 0 }), save: () => undefined },
    },
    {
      events(notifications) {
        for (const { seq } of notifications) {
          applied.push(seq)
          options.onEvent?.(seq)
        }
      },
      reload: () => void (reloads += 1),
      marked: () => undefined,
      // Whatever was forgotten was not delivered.
      cutShort: () => void (reloads += 1),
      counts: (next) => void (counts = next),
      late: () => undefined,
      live(isLive) {
        live = isLive
        if (isLive) spells += 1
        if (isLive && spells === 1 && options.stalls === true) stall(true)
      },
    },
  )
  const running = feed.run(left.signal)
  return {
    name: options.name,
    userId: person.userId,
    applied,
    reloads: () => reloads,
    spells: () => spells,
    isLive: () => live,
    counts: () => counts,
    crash: () => socket?.terminate(),
    stall,
    async leave() {
      left.abort()
      stall(false)
      await running
      socket?.terminate()
    },
  }
}

/** A timer takes no more. */
const sleepMsMax = 2_147_483_647

function openSocket(url: string, ears: SocketEars): WebSocket {
  const socket = new WebSocket(url, [feedProtocol])
  socket.on('open', ears.opened)
  socket.on('message', (data: Buffer) => ears.heard(data.toString('utf8')))
  socket.on('close', ears.closed)
  socket.on('error', () => undefined)
  return socket
}

function withoutPlace(text: string): string {
  const { since: _, ...frame } = JSON.parse(text) as Record<string, unknown>
  return JSON.stringify(frame)
}
