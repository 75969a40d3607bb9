/**
 * The live feed without React: keeps one socket open while it runs, hands over each event once and
 * in order, and says so honestly when a stretch of the past must be read by REST instead.
 *
 * What happens now is told at once. What was missed is told in groups: to write down the place and to
 * tell other tabs costs a browser more than all else that it does with an event.
 */
import type { Counts, Cursor, Notification, ServerFrame } from '@quits/proto/feed'
import { backoffMs } from './backoff.ts'
import {
  type Connection,
  type ConnectionDependencies,
  type Ending,
  runConnection,
} from './connection.ts'
import type { Cursors } from './cursor.ts'

export interface FeedDependencies extends ConnectionDependencies {
  cursors: Cursors
  random: () => number
}

export interface FeedListener {
  /** In order. `moreFollows`: they were missed, and more of what was missed is still to come. */
  events: (notifications: Notification[], moreFollows: boolean) => void
  /** What was shown may be stale: read everything again by REST. */
  reload: () => void
  /** Notifications were marked elsewhere, now or while this device was away. */
  marked: () => void
  /** Some of what was missed is too old: the server has forgotten it. */
  cutShort: () => void
  counts: (counts: Counts) => void
  live: (isLive: boolean) => void
  /** Whether what is new may come late at present; after `live` it does not until this says so. */
  late: (isLate: boolean) => void
}

export interface Feed {
  run: (signal: AbortSignal) => Promise<void>
}

/** Codes after which coming back would be refused again (design, The feed). */
const finalCodes: ReadonlySet<number> = new Set([4500, 4503, 4505])

/** Of what was missed, told together; and how long the first of them waits for the others. */
const groupLengthMax = 100
const groupMsMax = 100

const neverOpened: Ending = { code: 0, welcomed: false, afterMs: 0 }

export const makeFeed = (dependencies: FeedDependencies, listener: FeedListener): Feed => {
  const { cursors, random, sleep } = dependencies
  const reader = makeReader(cursors, listener)
  return {
    async run(signal) {
      const hear = (frame: ServerFrame, connection: Connection) => {
        const opened = reader.hear(frame, connection)
        if (opened !== undefined) void sleep(groupMsMax, signal).then(() => reader.tell(opened))
      }
      let attempt = 0
      while (!signal.aborted) {
        const ending = await runConnection(dependencies, reader.place(), hear, signal).catch(
          () => neverOpened,
        )
        reader.tell()
        listener.live(false)
        if (finalCodes.has(ending.code)) return
        if (ending.welcomed) attempt = 0
        await sleep(ending.afterMs + backoffMs(attempt, random()), signal)
        attempt += 1
      }
    },
  }
}

/** What the frames of one socket after the other mean; it remembers the place between them. */
const makeReader = (cursors: Cursors, listener: FeedListener) => {
  let place = cursors.load()
  let epoch = 0
  let head = 0
  /** What this device has really got: a gap moves its place, and not this. */
  let last: Cursor | undefined
  let counts: Counts = { unseen: 0, unread: 0 }
  /** The hole that a resume did not fill; the second time it is a gap. */
  let holeBefore: number | undefined

  let isLate = false
  /** Missed ones that nobody was told of yet. `place` counts them; what is written down does not. */
  let group: Notification[] = []
  let line: Connection | undefined

  /** What waits, or only `one` if it still does. */
  const tell = (one = group) => {
    const last = group.at(-1)
    if (last === undefined || one !== group) return
    group = []
    if (place !== undefined) cursors.save(place)
    listener.events(one, last.seq < head)
    line?.acknowledge(last.seq)
  }
  const moveTo = (seq: number) => {
    place = { epoch, seq }
    cursors.save(place)
  }
  const count = (next: Counts) => {
    counts = next
    listener.counts(counts)
  }

  const tellLate = (next: boolean) => {
    if (next !== isLate) listener.late(next)
    isLate = next
  }

  const welcome = (frame: ServerFrame & { type: 'welcome' }) => {
    const goesOn = frame.recovered && place?.epoch === frame.epoch
    last = place
    epoch = frame.epoch
    head = frame.head
    if (goesOn) {
      // Marks are not replayed; the counts below hold them, and pages have to read them.
      listener.marked()
    } else {
      moveTo(head)
      listener.reload()
    }
    count(frame.counts)
    listener.live(true)
    isLate = false
    tellLate(frame.degraded === true)
  }

  const gap = (frame: ServerFrame & { type: 'gap' }) => {
    // A feed that was rebuilt is whole; only its numbers are others.
    if (last?.epoch === epoch && frame.earliest > last.seq + 1) listener.cutShort()
    // In the middle of a stream the head of the welcome may be long passed.
    moveTo(Math.max(frame.head, place?.seq ?? 0))
    listener.reload()
  }

  const take = (notification: Notification, connection: Connection) => {
    const at = place?.seq ?? 0
    if (notification.seq <= at) return
    if (notification.seq !== at + 1) {
      tell()
      if (holeBefore !== notification.seq) {
        // The server never skips, so this connection lost something: resume from what we have.
        holeBefore = notification.seq
        connection.drop()
        return
      }
      listener.reload()
    }
    place = { epoch, seq: notification.seq }
    last = place
    group.push(notification)
    line = connection
    if (notification.seq >= head || group.length >= groupLengthMax) tell()
    // The counts of `welcome` hold what is replayed; only what comes later adds to them.
    if (notification.seq > head && notification.weight !== 'silent') {
      count({ unseen: counts.unseen + 1, unread: counts.unread + 1 })
    }
  }

  /** Returns the group that what it brought has opened, if any. */
  const hear = (frame: ServerFrame, connection: Connection): Notification[] | undefined => {
    if (frame.type !== 'event') tell()
    if (frame.type === 'welcome') welcome(frame)
    if (frame.type === 'ping') tellLate(frame.degraded === true)
    if (frame.type === 'state') {
      count(frame.counts)
      listener.marked()
    }
    if (frame.type === 'gap') gap(frame)
    if (frame.type === 'event') {
      const { type: _, ...notification } = frame
      take(notification, connection)
    }
    return frame.type === 'event' && group.length === 1 ? group : undefined
  }

  return { place: () => place, hear, tell }
}
