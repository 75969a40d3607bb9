/**
 * Frames in the form of `text/event-stream` (WHATWG HTML, server-sent events). The event's name is
 * the frame's type and its data the frame itself, the same bytes as on a WebSocket. Pure.
 */
import type { Cursor } from '@quits/proto/feed'

/** A line that says nothing: whoever is in between sees that the stream lives. */
export const stillHere = ':\n\n'

/** `id` comes back as `Last-Event-ID`; frames that move nobody on have none. */
export const eventText = (type: string, json: string, id?: Cursor): string =>
  `event: ${type}\n${id === undefined ? '' : `id: ${id.epoch}:${id.seq}\n`}data: ${json}\n\n`

const place = /^([1-9]\d{0,14}):(0|[1-9]\d{0,14})$/

/** The place that a client names; undefined when it is none of ours. */
export const parseEventId = (text: string): Cursor | undefined => {
  const [, epoch, seq] = place.exec(text) ?? []
  return epoch === undefined ? undefined : { epoch: Number(epoch), seq: Number(seq) }
}
