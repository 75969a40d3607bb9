/**
 * One user's feed in this process, shared by all their sockets: the head as far as it is known, and
 * the newest events, encoded once.
 */
import type { Counts, Cursor } from '@quits/proto/feed'
import { type FeedRow, type FeedStore, notificationOf } from '../feed-store.ts'
import { denseFrom } from '../resume.ts'
import { frameText, webSocketFrame } from './frames.ts'
import { type EncodedEvent, makeRecent, recentMax } from './recent.ts'

/** Events that leave together. */
export interface Page {
  events: EncodedEvent[]
  /** All of their frames in one piece of memory: made once, when first wanted. */
  frames: Buffer | undefined
  /** False once somebody was given it. */
  isFresh: boolean
}

export const pageOf = (events: EncodedEvent[]): Page => ({
  events,
  frames: events.length === 1 ? events[0]?.frame : undefined,
  isFresh: true,
})

export const framesOf = (page: Page): Buffer =>
  (page.frames ??= Buffer.concat(page.events.map(({ frame }) => frame)))

/** A feed without devices is not pinged; what is remembered of it is good for so long. */
const trustedMsMax = 300_000

const encoded = (row: FeedRow): EncodedEvent => {
  const text = frameText({ type: 'event', ...notificationOf(row), status: row.status })
  return {
    seq: row.seq,
    frame: webSocketFrame(text),
    atMs: Date.parse(row.at),
    status: row.status,
  }
}

const isAbove = (one: Cursor, other: Cursor) =>
  one.epoch === other.epoch ? one.seq > other.seq : one.epoch > other.epoch

const none: Counts = { unseen: 0, unread: 0 }
const beginning = { seq: 0, counts: none, atMs: Number.POSITIVE_INFINITY }
/** With `times` of the other. */
const plus = (one: Counts, other: Counts, times: 1 | -1 = 1): Counts => ({
  unseen: one.unseen + times * other.unseen,
  unread: one.unread + times * other.unread,
})
const countsOf = (statuses: FeedRow['status'][]): Counts => {
  const unseen = statuses.filter((status) => status === 'unseen').length
  const seen = statuses.filter((status) => status === 'seen').length
  return { unseen, unread: unseen + seen }
}

export type Channel = ReturnType<typeof makeChannel>

export const makeChannel = (options: {
  userId: string
  store: Pick<FeedStore, 'head' | 'epoch' | 'range'>
  /** How often word from other processes was lost so far; undefined while it is being lost. */
  losses: () => number | undefined
  now: () => number
  /** Called when the head has moved, and when the feed turned out to have another epoch. */
  onGrown: () => void
  onRebuilt: () => void
}) => {
  const { userId, store } = options
  let head: Cursor | undefined
  /** The highest hint that came before the head was known. */
  let hinted: Cursor | undefined
  let refreshing: Promise<Cursor> | undefined
  /** When the head was last what the store had, and the losses before that look. */
  let confirmed: { atMs: number; losses: number | undefined } = { atMs: 0, losses: undefined }
  const recent = makeRecent()
  /** What is lacked while devices are told of it: the same for nearly all of them. */
  let newest: Page | undefined
  let telling = false
  /** Counts of everything up to a place, as the store had them; they follow what is stored here. */
  let counted: { seq: number; counts: Counts; atMs: number } = beginning
  /** Rises with each mark: a read that began before it must not be remembered. */
  let marks = 0
  const reading = new Map<string, Promise<EncodedEvent[]>>()

  const moveTo = (next: Cursor): void => {
    if (head === undefined) {
      if (hinted === undefined || isAbove(next, hinted)) hinted = next
      return
    }
    if (next.epoch !== head.epoch) {
      if (next.epoch > head.epoch) options.onRebuilt()
      return
    }
    if (next.seq <= head.seq) return
    head = next
    telling = true
    options.onGrown()
    telling = false
    // Most have it now; kept until the next event, it would grow old.
    newest = undefined
  }

  /**
   * The head by what follows `since`: one look at the rows instead of two for whoever missed little.
   * Seqs are dense, so where rows end before the window does, the feed ends. Undefined: look for it.
   */
  const headAfter = async (since: Cursor): Promise<Cursor | undefined> => {
    const marksBefore = marks
    const end = since.seq + recentMax + 1
    const [epoch, rows] = await Promise.all([
      store.epoch(userId),
      store.range({ userId, epoch: since.epoch }, since.seq, end),
    ])
    const last = rows.at(-1)
    if (epoch !== since.epoch || last === undefined || last.seq === end) return undefined
    if (marks === marksBefore) recent.add(rows.map(encoded))
    return { epoch, seq: last.seq }
  }

  /** Whether what is remembered is as good as what open devices show. */
  const isTrusted = (ageMsMax = trustedMsMax): boolean => {
    const losses = options.losses()
    const isWhole = losses !== undefined && losses === confirmed.losses
    return isWhole && options.now() - confirmed.atMs <= ageMsMax
  }

  /** What is remembered carries old statuses after a mark. */
  const forgetRecent = () => {
    marks += 1
    counted = beginning
    recent.clear()
  }

  const readHead = async (since: Cursor | undefined): Promise<Cursor> => {
    const losses = options.losses()
    // Marks may be among what was lost, and old counts are not made older.
    if (!isTrusted()) forgetRecent()
    counted = beginning
    const near = head === undefined && since !== undefined ? await headAfter(since) : undefined
    const found = near ?? (await store.head(userId, head))
    head ??= found
    confirmed = { atMs: options.now(), losses }
    moveTo(found)
    if (hinted !== undefined) moveTo(hinted)
    return head
  }

  const readRows = async (epoch: number, after: number, upTo: number) => {
    const marksBefore = marks
    const rows = await store.range({ userId, epoch }, after, upTo)
    const events = denseFrom(rows, after).map(encoded)
    if (marks === marksBefore) recent.add(events)
    return events
  }

  /** Counts up to `upTo`, of `from` and what is remembered between; undefined where some is not. */
  const countsFrom = (from: { seq: number; counts: Counts }, upTo: number): Counts | undefined => {
    const isAhead = from.seq > upTo
    const [low, high] = isAhead ? [upTo, from.seq] : [from.seq, upTo]
    const statuses = recent.statuses(low, high)
    if (statuses.length !== high - low) return undefined
    const counts = plus(from.counts, countsOf(statuses), isAhead ? -1 : 1)
    // Somebody has marked what is remembered as it was, and word of it is on its way.
    return counts.unseen < 0 || counts.unread < counts.unseen ? undefined : counts
  }

  /** The same from what was counted last, unless that is too long ago. */
  const count = (upTo: number): Counts | undefined => {
    const nowMs = options.now()
    if (nowMs - counted.atMs > trustedMsMax) counted = beginning
    const counts = countsFrom(counted, upTo)
    if (counts !== undefined && upTo > counted.seq) {
      counted = { seq: upTo, counts, atMs: Math.min(counted.atMs, nowMs) }
    }
    return counts
  }

  return {
    userId,
    /** The newest place that is known; undefined until the first `refresh`. */
    head: () => head,
    moveTo,
    /**
     * Asks the store for the head; callers at the same time share one look. `since` is the place of
     * the one who asks, if any: what follows it is remembered for the `read` that comes next.
     */
    refresh(since?: Cursor): Promise<Cursor> {
      refreshing ??= readHead(since).finally(() => {
        refreshing = undefined
      })
      return refreshing
    },
    /**
     * The head without a look for it, if it was right at most `ageMsMax` ago and no word was lost
     * since: open devices trust it, too, and what is stored or told from now on raises it. Only
     * whether the feed was rebuilt is asked, because nobody tells that. Undefined: `refresh`.
     */
    async trustedHead(ageMsMax?: number): Promise<Cursor | undefined> {
      if (head === undefined || !isTrusted(ageMsMax)) return undefined
      return (await store.epoch(userId)) === head.epoch ? head : undefined
    },
    /** Rows that this process has just stored, in order: nobody needs to read them again. */
    grew(rows: FeedRow[]): void {
      for (const row of rows) {
        if (row.epoch !== head?.epoch) continue
        recent.add([encoded(row)])
        count(row.seq)
      }
      const last = rows.at(-1)
      if (last === undefined) return
      // Nobody else can have stored above the place at which this was taken.
      if (last.epoch === head?.epoch) confirmed.atMs = options.now()
      moveTo({ epoch: last.epoch, seq: last.seq })
    },
    /** Everything above `after`, if all of it is remembered. */
    newest(after: number): Page | undefined {
      if (head === undefined || after >= head.seq) return undefined
      if (newest?.events[0]?.seq === after + 1) return newest
      const events = recent.between(after, head.seq)
      if (events.length < head.seq - after) return undefined
      if (!telling) return { ...pageOf(events), isFresh: false }
      newest = pageOf(events)
      return newest
    },
    /**
     * Counts of everything up to `upTo`. What is remembered is counted here; `look` counts what
     * stands up to a place, and is asked only where that is not enough: about all of it, or about
     * what came before `after`.
     */
    async counts(
      after: number,
      upTo: number,
      look: (upTo: number) => Promise<Counts>,
    ): Promise<Counts> {
      const known = count(upTo)
      if (known !== undefined) return known
      const marksBefore = marks
      const atMs = options.now()
      const missed = countsFrom({ seq: after, counts: none }, upTo)
      const counts = missed === undefined ? await look(upTo) : plus(await look(after), missed)
      if (marks === marksBefore && upTo > counted.seq) counted = { seq: upTo, counts, atMs }
      return counts
    },
    forgetRecent,
    /** Events after `after` up to `upTo` at most, without holes; may be fewer, or none. */
    read(after: number, upTo: number): Promise<EncodedEvent[]> {
      const epoch = head?.epoch ?? 1
      const remembered = recent.between(after, upTo)
      if (remembered.length > 0) return Promise.resolve(remembered)
      const key = `${epoch} ${after} ${upTo}`
      const shared =
        reading.get(key) ?? readRows(epoch, after, upTo).finally(() => reading.delete(key))
      reading.set(key, shared)
      return shared
    },
  }
}
