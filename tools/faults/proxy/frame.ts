// The words of the fault proxy: what it sees of a stream, and what it may do with it.

export type Direction = 'request' | 'reply'

/** A piece of a stream that is passed on, or not, as a whole. */
export interface Frame {
  direction: Direction
  /** What it says, for rules: `query BEGIN`, `bind insert-transactions`, `done COMMIT`, `HTTP/1.1 201`. */
  label: string
  bytes: Buffer
}

/** Takes the bytes of one direction of one connection and gives them back in frames. */
export interface Splitter {
  push: (chunk: Buffer) => Frame[]
}

/** How a protocol is read. Both directions of a connection get a splitter of their own. */
export type Protocol = (direction: Direction) => Splitter

/**
 * What happens to a frame. `cut` ends the connection with the frame undelivered, `pass-and-cut` after
 * it; `hold` delivers nothing more in this direction and leaves the connection open (half-open);
 * `instead` delivers other bytes in its place: a proxy that lies.
 */
export type Action =
  | 'pass'
  | 'cut'
  | 'pass-and-cut'
  | 'hold'
  | { delayMs: number }
  | { instead: Buffer }

export interface Rule {
  judge: (frame: Frame) => Action
  /** How often it did something. A fault that never bit proves nothing. */
  struck: () => number
}
