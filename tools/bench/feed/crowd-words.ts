// What the bench and its crowd say to each other. The crowd is a process of its own, so that its
// work is not the bench's and 10,000 sockets do not meet the bound on descriptors.

/** One socket to open. */
export interface Guest {
  /** The first frame after the upgrade; none: the upgrade is all. */
  connect?: string
  /** The number of the last message that it has. */
  last: number
}

export interface OpenWish {
  what: 'open'
  kind: 'feed' | 'nats'
  port: number
  /** How many may be on their way in at once. */
  window: number
  guests: Guest[]
  /** Whether event ids and their times are kept. */
  records: boolean
}

export type Wish =
  | OpenWish
  /** Tell when every socket has this many messages more than it had. */
  | { what: 'expect'; messages: number }
  | { what: 'take' }
  | { what: 'close' }

/** An event's id and when its frame was read, in Unix milliseconds with a fraction. */
export type Arrival = [id: string, atMs: number]

export type Word =
  | { what: 'ready' }
  | { what: 'opened'; ms: number }
  | { what: 'expecting' }
  | { what: 'reached'; firstMs: number; lastMs: number; messages: number }
  | { what: 'taken'; arrivals: Arrival[]; open: number; faults: number; messages: number }
  | { what: 'closed' }
  | { what: 'failed'; why: string }
