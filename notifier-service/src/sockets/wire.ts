/** The last step out of this process: the same frames, as a WebSocket or an event stream has them. */
import type { Duplex } from 'node:stream'
import type { ServerFrame } from '@quits/proto/feed'
import type { WebSocket } from 'ws'
import type { EncodedEvent } from './channel.ts'
import { encodeFrame } from './frames.ts'

export interface Wire {
  /** `place` is the seq up to which the client misses nothing once it has this frame. */
  frame(frame: ServerFrame, place?: number): void
  /** Writes events in one system call; `done` is called when they have left this process. */
  page(page: EncodedEvent[], done: () => void): void
  /** What was written and has not left yet. */
  bufferedBytes(): number
}

/** A WebSocket needs no places: each event frame carries its seq. */
export const makeSocketWire = (
  socket: Pick<WebSocket, 'send' | 'bufferedAmount'>,
  raw: Pick<Duplex, 'cork' | 'uncork'>,
): Wire => ({
  frame(frame) {
    socket.send(encodeFrame(frame), { binary: false })
  },
  page(page, done) {
    raw.cork()
    for (const [index, { bytes }] of page.entries()) {
      socket.send(bytes, { binary: false }, index === page.length - 1 ? done : undefined)
    }
    raw.uncork()
  },
  bufferedBytes: () => socket.bufferedAmount,
})
