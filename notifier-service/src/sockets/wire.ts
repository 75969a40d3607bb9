/** The last step out of this process: the same frames, as a WebSocket or an event stream has them. */
import type { Duplex } from 'node:stream'
import type { ServerFrame } from '@quits/proto/feed'
import { WebSocket } from 'ws'
import { framesOf, type Page } from './channel.ts'
import { frameText } from './frames.ts'

export interface Wire {
  /** `place` is the seq up to which the client misses nothing once it has this frame. */
  frame(frame: ServerFrame, place?: number): void
  /** Writes events in one system call; `done` is called when they have left this process. */
  page(page: Page, done: () => void): void
  /** What was written and has not left yet. */
  bufferedBytes(): number
}

/**
 * A WebSocket needs no places: each event frame carries its seq. Pages go past `ws` to the socket
 * below it, as whole frames: it would make their heads again for each socket. Without compression it
 * keeps nothing back, so frames can't overtake each other.
 */
export const makeSocketWire = (
  socket: Pick<WebSocket, 'send' | 'bufferedAmount' | 'readyState'>,
  raw: Pick<Duplex, 'write'>,
): Wire => ({
  frame(frame) {
    socket.send(frameText(frame))
  },
  page(page, done) {
    // After a close frame nothing may follow; whoever waits is told by the close.
    if (socket.readyState !== WebSocket.OPEN) return done()
    raw.write(framesOf(page), done)
  },
  bufferedBytes: () => socket.bufferedAmount,
})
