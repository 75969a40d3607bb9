/**
 * What one socket is sent: events in order, page by page. There is one loop for the past and for
 * live events: it reads from the last event sent up to the channel's head, until nothing is above.
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
import type { Channel, EncodedEvent } from './channel.ts'
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
  channel: Pick<Channel, 'head' | 'read'>
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

  const send = (frame: ServerFrame, place?: number): void => {
    if (wire.bufferedBytes() > bufferedBytesMax) return options.onSlow()
    wire.frame(frame, place)
  }

  /** True once the page has left this process, false when it did not in time. */
  const flush = (page: EncodedEvent[]): boolean | Promise<boolean> => {
    const left = Promise.withResolvers<boolean>()
    wire.page(page, () => left.resolve(true))
    // The system takes a page at once from nearly everybody: no clock is wound up for that.
    if (wire.bufferedBytes() === 0) return true
    const late = setTimeout(() => left.resolve(false), options.stallMs)
    return left.promise.finally(() => clearTimeout(late))
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

  const sendPage = async (page: EncodedEvent[]) => {
    sent = page.at(-1)?.seq ?? sent
    figures.written.inc(page.length)
    if (replay === undefined) {
      for (const { atMs } of page) {
        figures.ageSeconds.observe(Math.max(0, options.now() - atMs) / 1_000)
      }
    }
    const left = await flush(page)
    if (left || stopped) return
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
    // Several rows that were stored in one turn become one page.
    await Promise.resolve()
    for (;;) {
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
        await sendPage(page)
      }
      failures = 0
      endReplay()
    }
  }

  const advance = () => {
    if (running || stopped) return
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
