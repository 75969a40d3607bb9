/** Frames to a response that stays open. */
import type { ServerResponse } from 'node:http'
import type { ServerFrame } from '@quits/proto/feed'
import type { Page } from '../sockets/channel.ts'
import { frameText, textOf } from '../sockets/frames.ts'
import type { Wire } from '../sockets/wire.ts'
import { eventText, stillHere } from './event-stream.ts'

/** Below the front door's time-out for a silent service (10 s). */
const stillHereEveryMs = 4_000

/** The wire of one stream: `begin` comes before all else, `stop` ends its signs of life. */
export const makeStreamWire = (
  response: Pick<ServerResponse, 'write' | 'cork' | 'uncork' | 'writableLength'> & {
    writeHead(status: number, headers: Record<string, string>): unknown
  },
  epoch: () => number,
): Wire & { begin(): void; stop(): void } => {
  const at = (seq: number | undefined) => (seq === undefined ? undefined : { epoch: epoch(), seq })
  let breath: NodeJS.Timeout | undefined

  return {
    // A sign of life before the head would send a head of its own, without a content type.
    begin() {
      response.writeHead(200, {
        'content-type': 'text/event-stream',
        // Whoever is in between must neither keep nor gather what passes.
        'x-accel-buffering': 'no',
      })
      breath = setInterval(() => response.write(stillHere), stillHereEveryMs)
    },
    frame(frame: ServerFrame, place) {
      response.write(eventText(frame.type, frameText(frame), at(place)))
    },
    page({ events }: Page, done) {
      response.cork()
      for (const [index, { seq, frame }] of events.entries()) {
        const text = eventText('event', textOf(frame), at(seq))
        response.write(text, index === events.length - 1 ? () => done() : undefined)
      }
      response.uncork()
    },
    bufferedBytes: () => response.writableLength,
    stop: () => clearInterval(breath),
  }
}
