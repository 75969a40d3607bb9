/**
 * The newest events of one feed, dense and encoded, in few objects that are used again. A process
 * remembers those of thousands of feeds for minutes: as an object, a buffer and a place in a Map for
 * each event they were half of its heap and the reason for most full collections.
 *
 * Frames stand one behind the other in pieces of memory, and a piece whose last event has gone is
 * written anew. So nobody is given a part of a piece: whoever reads gets a copy.
 */
import type { FeedRow } from '../feed-store.ts'

/** An event as every socket gets it. */
export interface EncodedEvent {
  seq: number
  /** As a WebSocket carries it. */
  frame: Buffer
  /** Unix milliseconds at which it happened. */
  atMs: number
  status: FeedRow['status']
}

/** Most of those who reconnect missed only a few. */
export const recentMax = 32

const pieceBytesMax = 4_096

/** Where an event's frame is. */
interface Kept {
  piece: Buffer
  start: number
  end: number
  atMs: number
  status: FeedRow['status']
}

export const makeRecent = () => {
  /** Oldest first; the last one is event `last`. */
  let kept: Kept[] = []
  let last = 0
  let spare: Buffer | undefined

  /** Room behind `tail`; pieces are as large as a feed is lively. */
  const roomFor = (bytes: number, tail: Kept | undefined): { piece: Buffer; start: number } => {
    if (tail !== undefined && tail.end + bytes <= tail.piece.length) {
      return { piece: tail.piece, start: tail.end }
    }
    const doubled = Math.min(pieceBytesMax, 2 * (tail?.piece.length ?? 0))
    const length = Math.max(bytes, doubled)
    const used = spare !== undefined && spare.length >= length ? spare : undefined
    if (used !== undefined) spare = undefined
    return { piece: used ?? Buffer.allocUnsafeSlow(length), start: 0 }
  }

  const write = (events: EncodedEvent[], tail: Kept | undefined): Kept[] => {
    let before = tail
    return events.map(({ frame, atMs, status }) => {
      const { piece, start } = roomFor(frame.length, before)
      before = { piece, start, end: start + frame.copy(piece, start), atMs, status }
      return before
    })
  }

  const range = (after: number, upTo: number): Kept[] => {
    const from = after - last + kept.length
    return from < 0 || upTo <= after ? [] : kept.slice(from, from + upTo - after)
  }

  const drop = (count: number): void => {
    for (const { piece } of kept.splice(0, count)) if (piece !== kept[0]?.piece) spare = piece
  }

  return {
    /**
     * Takes events in order, up to the first hole. Those above all others begin anew where they do not
     * join; those below stay out where they do not.
     */
    add(some: EncodedEvent[]): void {
      const begin = some[0]?.seq ?? 0
      const events = some.filter(({ seq }, index) => seq === begin + index).slice(-recentMax)
      const [lowest, highest] = [events[0]?.seq ?? 0, events.at(-1)?.seq ?? 0]
      const first = last - kept.length + 1
      if (highest > last) {
        if (lowest > last + 1) drop(kept.length)
        const newer = events.filter(({ seq }) => seq > last)
        kept.push(...write(newer, kept.at(-1)))
        last = highest
      } else if (lowest < first && highest >= first - 1 && kept.length < recentMax) {
        const older = events.filter(({ seq }) => seq < first).slice(kept.length - recentMax)
        kept.unshift(...write(older, undefined))
      }
      if (kept.length > recentMax) drop(kept.length - recentMax)
    },
    /** Those above `after`, up to `upTo` or the first that is not remembered. */
    between(after: number, upTo: number): EncodedEvent[] {
      return range(after, upTo).map(({ piece, start, end, atMs, status }, index) => ({
        seq: after + 1 + index,
        frame: Buffer.from(piece.subarray(start, end)),
        atMs,
        status,
      }))
    },
    /** The same without their frames. */
    statuses(after: number, upTo: number): FeedRow['status'][] {
      return range(after, upTo).map(({ status }) => status)
    },
    clear(): void {
      kept = []
      last = 0
      spare = undefined
    },
  }
}
