/**
 * What one socket is sent: events in order, page by page. There is one loop for the past and for
 * live events: it reads from the last event sent up to the channel's head, until nothing is above.
 * A device that has everything but what has just come, and that is most of them, is given it on a
 * shorter way, on which nothing waits.
 * The socket is registered before the head is read, so an event stored meanwhile raises the head
 * and the loop goes on: nothing falls between replay and live, and nothing is sent twice.
 *
 * Backpressure: the next page is read when the last one has left this process. A socket that does
 * not take a page in time is slow and is closed; its client comes back and resumes.
 *
 * What was marked travels in the same loop, after the replay: its counts are then exact for what
 * this client has, and no event can slip in between the counting and the telling.
 */
import { backoffMs } from '@quits/kit/backoff'
import type { Log } from '@quits/kit/log'
import type { Counts, ServerFrame } from '@quits/proto/feed'
import type { Change } from '../hints.ts'
import type { Figures } from '../metrics.ts'
import { type Channel, type Page, pageOf } from './channel.ts'
import type { EncodedEvent } from './recent.ts'
import type { Wire } from './wire.ts'

/** About 60 KiB of frames. */
const pageLengthMax = 100
/** One question to the store brings several pages: each question costs as much as some rows. */
const readLengthMax = 500
const changesWaitingMax = 200
/** Frames beside events are not paced; a socket that lets so much pile up is slow. */
const bufferedBytesMax = 1_048_576
const readBackoff = { baseMs: 100, delayMsMax: 5_000 }
/** Reads that bring nothing although the head is above, before it is called a gap. */
const emptyReadsMax = 4

export type Outflow = ReturnType<typeof makeOutflow>

export const makeOutflow = (options: {
  wire: Wire
  channel: Pick<Channel, 'head' | 'read' | 'newest'>
  stallMs: number
  earliest: () => Promise<number>
  /** Counts of everything up to this seq. */
  countsAt: (seq: number) => Promise<Counts>
  figures: Pick<Figures, 'written' | 'gaps' | 'ageSeconds' | 'replaySize'>
  onSlow: () => void
  now: () => number
  log: Log
}) => {
  const { wire, channel, figures } = options
  let sent = 0
  /** Read and not sent yet. */
  let ahead: EncodedEvent[] = []
  let replay: { from: number; to: number } | undefined
  let changes: Change[] = []
  let running = false
  let stopped = true
  let failures = 0
  let retry: NodeJS.Timeout | undefined
  /** Pages that the wire was given, those of them that have left it, and who waits for the last. */
  let pagesGiven = 0
  let pagesLeft = 0
  let whenLeft: (() => void) | undefined

  const send = (frame: ServerFrame, place?: number): void => {
    if (wire.bufferedBytes() > bufferedBytesMax) return options.onSlow()
    wire.frame(frame, place)
  }

  const pageLeft = () => {
    pagesLeft += 1
    if (pagesLeft === pagesGiven) whenLeft?.()
  }
  /** True once every page has left this process, false when one did not in time. */
  const haveLeft = (): boolean | Promise<boolean> => {
    // The system takes a page at once from nearly everybody: no clock is wound up for that.
    if (pagesLeft === pagesGiven || wire.bufferedBytes() === 0) return true
    const left = Promise.withResolvers<boolean>()
    whenLeft = () => left.resolve(true)
    const late = setTimeout(() => left.resolve(false), options.stallMs)
    return left.promise.finally(() => {
      whenLeft = undefined
      clearTimeout(late)
    })
  }

  const endReplay = () => {
    if (replay === undefined || sent < replay.to) return
    figures.replaySize.observe(replay.to - replay.from)
    send({ type: 'replayed', ...replay })
    replay = undefined
  }

  const gap = async (head: number) => {
    figures.gaps.inc()
    send({ type: 'gap', earliest: await options.earliest(), head }, head)
    sent = head
    replay = undefined
    // What was passed over was not counted by this client.
    changes = [...changes, { upTo: 0, status: 'seen' }]
  }

  const sendPage = (page: Page) => {
    const { events } = page
    sent = events.at(-1)?.seq ?? sent
    figures.written.inc(events.length)
    // What is sent to many devices at once is measured with the first of them.
    if (replay === undefined && page.isFresh) {
      for (const { atMs } of events) {
        figures.ageSeconds.observe(Math.max(0, options.now() - atMs) / 1_000)
      }
    }
    page.isFresh = false
    pagesGiven += 1
    wire.page(page, pageLeft)
  }

  const beSlow = () => {
    if (stopped) return
    stopped = true
    options.onSlow()
  }

  const tellChanges = async () => {
    const told = changes
    const counts = await options.countsAt(sent)
    changes = changes.slice(told.length)
    for (const change of told) send({ type: 'state', ...change, counts, head: sent })
  }

  /** What follows `sent`, without holes; may be less than there is, or nothing. */
  const nextPage = async (upTo: number): Promise<EncodedEvent[]> => {
    if (ahead[0]?.seq !== sent + 1) {
      ahead = await channel.read(sent, Math.min(sent + readLengthMax, upTo))
    }
    const page = ahead.slice(0, pageLengthMax)
    ahead = ahead.slice(page.length)
    return page
  }

  const loop = async () => {
    for (;;) {
      if (!(await haveLeft())) return beSlow()
      const head = channel.head()?.seq ?? 0
      if (replay === undefined && changes.length > 0) await tellChanges()
      if (stopped || sent >= head) return
      const page = await nextPage(replay?.to ?? head)
      if (stopped) return
      if (page.length === 0) {
        failures += 1
        if (failures < emptyReadsMax) return later()
        await gap(head)
      } else {
        sendPage(pageOf(page))
      }
      failures = 0
      endReplay()
    }
  }

  /** The short way. False when there is more to do, or to wait for. */
  const sendNewest = (): boolean => {
    if (replay !== undefined || changes.length > 0 || wire.bufferedBytes() > 0) return false
    const page = channel.newest(sent)
    if (page === undefined) return false
    sendPage(page)
    return wire.bufferedBytes() === 0
  }

  const advance = () => {
    if (running || stopped || sendNewest()) return
    running = true
    clearTimeout(retry)
    loop()
      .catch((error: unknown) => {
        options.log.warn({ err: error }, 'feed not read; tried again')
        failures += 1
        later()
      })
      .finally(() => {
        running = false
        // Something that came while the loop was ending.
        const waits = changes.length > 0 || sent < (channel.head()?.seq ?? 0)
        if (failures === 0 && waits) advance()
      })
  }

  const later = () => {
    clearTimeout(retry)
    if (stopped) return
    const waitMs = backoffMs(readBackoff, failures, Math.random())
    retry = setTimeout(advance, waitMs)
  }

  return {
    send,
    /** Begins after `after`; with `replayTo`, says `replayed` once that seq was sent. */
    start(after: number, replayTo: number | undefined): void {
      sent = after
      stopped = false
      if (replayTo !== undefined) replay = { from: after, to: replayTo }
      endReplay()
      advance()
    },
    advance,
    /** Tells what was marked, with the counts as of then. */
    changed(change: Change): void {
      if (changes.length >= changesWaitingMax) return options.onSlow()
      changes = [...changes, change]
      advance()
    },
    sent: () => sent,
    stop(): void {
      stopped = true
      clearTimeout(retry)
    },
  }
}
