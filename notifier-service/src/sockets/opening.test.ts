import { closeCodes, type ServerFrame } from '@quits/proto/feed'
import { afterEach, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { makeLog } from '@quits/kit/log'
import { makeEvents } from '../../test/events.ts'
import { makeTestFigures } from '../../test/figures.ts'
import { type FeedRow, rowOf } from '../feed-store.ts'
import { notificationsOf } from '../notifications.ts'
import { makeEndedSessions } from '../sessions.ts'
import { makeChannel } from './channel.ts'
import { makeOpening, RefusedError } from './opening.ts'
import { type Device, makeRegistry } from './registry.ts'
import { makeSocketWire } from './wire.ts'

const log = makeLog({ service: 'test', level: 'silent' })
const people = {
  lender: '0b6f3a52-5d0e-4a53-8d0f-6a3b5b8f0001',
  borrower: '0b6f3a52-5d0e-4a53-8d0f-6a3b5b8f0002',
}
const userId = people.borrower
const pass = { userId, sessionId: 's', expiresAtMs: Number.MAX_SAFE_INTEGER }

const stops: (() => void)[] = []
afterEach(() => {
  for (const stop of stops.splice(0)) stop()
})

/** The frames in what was written to the socket itself. */
const eventsIn = (bytes: Buffer): ServerFrame[] => {
  const found: ServerFrame[] = []
  for (let at = 0; at < bytes.length; ) {
    const short = bytes.readUInt8(at + 1)
    const start = at + (short < 126 ? 2 : 4)
    const end = start + (short < 126 ? short : bytes.readUInt16BE(at + 2))
    found.push(JSON.parse(bytes.toString('utf8', start, end)) as ServerFrame)
    at = end
  }
  return found
}

/** A feed in memory, and a wire that takes or refuses what it is given. */
const makeScene = (options: { stored: number; taking?: boolean; stallMs?: number }) => {
  const [...drafts] = makeEvents(people, 400).flatMap(notificationsOf)
  const rows: FeedRow[] = drafts
    .filter((draft) => draft.userId === userId)
    .map((draft, index) => rowOf(draft, { epoch: 1, seq: index + 1 }, new Date(0)))
  let head = options.stored
  let afterHead = () => {}
  const store = {
    head: async () => {
      const found = { epoch: 1, seq: head }
      afterHead()
      return found
    },
    epoch: async () => 1,
    // A place to go on from finds the head by what follows it.
    range: async (_: unknown, after: number, upTo: number) => {
      const found = rows.filter((row) => row.seq > after && row.seq <= Math.min(head, upTo))
      afterHead()
      return found
    },
    earliest: async () => 1,
  }
  const registry = makeRegistry({
    store,
    socketsPerUserMax: 3,
    keptMax: 1,
    losses: () => 0,
    now: Date.now,
  })
  const figures = makeTestFigures()
  const opening = makeOpening({
    registry,
    tickets: { redeem: async () => pass },
    ended: makeEndedSessions(Date.now),
    store,
    inbox: { counts: async (_, { seq }) => ({ unseen: seq, unread: seq }) },
    figures,
    isDegraded: () => false,
    losses: () => 0,
    limits: { pingMs: 60_000, pongMs: 60_000, stallMs: options.stallMs ?? 60_000 },
    now: Date.now,
    log,
  })
  const frames: ServerFrame[] = []
  const closes: number[] = []
  const socket = {
    bufferedAmount: options.taking === false ? 1 : 0,
    readyState: WebSocket.OPEN,
    send: (text: string) => void frames.push(JSON.parse(text) as ServerFrame),
  }
  const raw = {
    write(bytes: Buffer, done?: unknown) {
      frames.push(...eventsIn(bytes))
      if (options.taking !== false && typeof done === 'function') queueMicrotask(() => void done())
      return true
    },
  }
  const wire = makeSocketWire(socket, raw)
  const prepare = async (
    channel: ReturnType<typeof makeChannel>,
    sinceSeq?: number,
    hasGone = () => false,
  ) => {
    const since = sinceSeq === undefined ? undefined : { epoch: 1, seq: sinceSeq }
    const close = (code: number) => void closes.push(code)
    const at = { userId, since, channel, wire, close, hasGone, answersPings: true }
    const ready = await opening.prepare(at)
    stops.push(() => {
      ready.heartbeat.stop()
      ready.outflow.stop()
    })
    return ready
  }
  const deviceOf = (outflow: { advance: () => void }): Device => ({
    unacked: () => 0,
    grown: () => outflow.advance(),
    changed: () => {},
    bye: () => {},
    close: () => {},
  })
  return {
    figures,
    registry,
    opening,
    prepare,
    deviceOf,
    store,
    frames,
    closes,
    seqs: () => frames.flatMap((frame) => (frame.type === 'event' ? [frame.seq] : [])),
    /** `count` more rows stand, and word of it goes round. */
    grow(count: number) {
      head += count
      registry.listener.grown({ userId, epoch: 1, seq: head })
    },
    onHeadRead: (act: () => void) => {
      afterHead = () => {
        afterHead = () => {}
        act()
      }
    },
  }
}

const upTo = (count: number, from = 1) => Array.from({ length: count }, (_, i) => from + i)

it('misses nothing that is stored between the look at the head and the welcome', async () => {
  const scene = makeScene({ stored: 5 })
  let advance = () => {}
  const device = scene.deviceOf({ advance: () => advance() })
  const channel = scene.opening.join(pass, device)
  scene.onHeadRead(() => scene.grow(2))
  const { outflow, begin } = await scene.prepare(channel, 3)
  advance = outflow.advance
  begin()
  await vi.waitFor(() => expect(scene.seqs()).toEqual(upTo(4, 4)))
})

it('broken twin: a device that registers after its replay misses what was stored meanwhile', async () => {
  const scene = makeScene({ stored: 5 })
  const told = { onGrown: () => {}, onRebuilt: () => {}, losses: () => 0, now: Date.now }
  const own = { userId, store: scene.store, ...told }
  scene.onHeadRead(() => scene.grow(2))
  const { outflow, begin } = await scene.prepare(makeChannel(own), 3)
  begin()
  await vi.waitFor(() => expect(scene.frames.at(-1)?.type).toBe('replayed'))
  scene.opening.join(pass, scene.deviceOf(outflow))
  expect(scene.seqs()).toEqual([4, 5])
})

it('says replayed exactly between the past and the live events', async () => {
  const scene = makeScene({ stored: 250 })
  let advance = () => {}
  const channel = scene.opening.join(pass, scene.deviceOf({ advance: () => advance() }))
  const { outflow, begin } = await scene.prepare(channel, 0)
  advance = outflow.advance
  begin()
  scene.grow(3)
  await vi.waitFor(() => expect(scene.seqs()).toEqual(upTo(253)))
  const order = scene.frames.map((frame) => frame.type)
  expect(order[0]).toBe('welcome')
  expect(order.indexOf('replayed')).toBe(251)
  expect(scene.frames[251]).toEqual({ type: 'replayed', from: 0, to: 250 })
})

it('tells marks after the replay, with the counts of what was sent by then', async () => {
  const scene = makeScene({ stored: 150 })
  const channel = scene.opening.join(pass, scene.deviceOf({ advance: () => {} }))
  const { outflow, begin } = await scene.prepare(channel, 0)
  begin()
  outflow.changed({ upTo: 10, status: 'seen' })
  await vi.waitFor(() => expect(scene.frames.at(-1)?.type).toBe('state'))
  expect(scene.frames.at(-1)).toMatchObject({ upTo: 10, head: 150, counts: { unseen: 150 } })
  expect(scene.frames.at(-2)?.type).toBe('replayed')
})

it('closes a device that does not take what it is sent, after one page', async () => {
  const scene = makeScene({ stored: 300, taking: false, stallMs: 20 })
  const channel = scene.opening.join(pass, scene.deviceOf({ advance: () => {} }))
  const { begin } = await scene.prepare(channel, 0)
  begin()
  await vi.waitFor(() => expect(scene.closes).toContain(closeCodes.slow))
  // The first page and no more: what the look at its place has brought.
  expect(scene.seqs()).toEqual(upTo(32))
})

it('answers a hole in the store with a gap and goes on live', async () => {
  const scene = makeScene({ stored: 20 })
  const whole = scene.store.range
  scene.store.range = async (place, after, to) =>
    (await whole(place, after, to)).filter((row) => row.seq !== 8)
  let advance = () => {}
  const channel = scene.opening.join(pass, scene.deviceOf({ advance: () => advance() }))
  const { outflow, begin } = await scene.prepare(channel, 5)
  advance = outflow.advance
  begin()
  const last = () => scene.frames.slice(-2)
  await vi.waitFor(() => expect(last()[0]?.type).toBe('gap'), { timeout: 5_000 })
  expect(scene.seqs()).toEqual([6, 7])
  // It says where to go on, and what was passed over is counted.
  expect(last()).toMatchObject([
    { earliest: 1, head: 20 },
    { type: 'state', upTo: 0, head: 20, counts: { unseen: 20 } },
  ])
  scene.grow(1)
  await vi.waitFor(() => expect(scene.seqs()).toEqual([6, 7, 21]))
})

it('measures the size of a replay, and the age of what is live when it is written', async () => {
  const scene = makeScene({ stored: 130 })
  let advance = () => {}
  const channel = scene.opening.join(pass, scene.deviceOf({ advance: () => advance() }))
  const { outflow, begin } = await scene.prepare(channel, 10)
  advance = outflow.advance
  begin()
  await vi.waitFor(() => expect(scene.frames.at(-1)?.type).toBe('replayed'))
  scene.grow(4)
  await vi.waitFor(() => expect(scene.seqs()).toEqual(upTo(124, 11)))
  const counted = async (figure: { get: () => Promise<{ values: { value: number }[] }> }) =>
    (await figure.get()).values
  const { replaySize, ageSeconds } = scene.figures
  expect(await counted(replaySize)).toContainEqual(
    expect.objectContaining({ metricName: 'quits_feed_replay_events_sum', value: 120 }),
  )
  expect(await counted(ageSeconds)).toContainEqual(
    expect.objectContaining({ metricName: 'quits_feed_event_age_seconds_count', value: 4 }),
  )
})

it('costs the store no look when its device has gone before its turn', async () => {
  const scene = makeScene({ stored: 3 })
  const channel = scene.opening.join(pass, scene.deviceOf({ advance: () => {} }))
  let looks = 0
  scene.onHeadRead(() => {
    looks += 1
  })
  await expect(scene.prepare(channel, 0, () => true)).rejects.toThrow(RefusedError)
  expect(looks).toBe(0)
  await scene.prepare(channel, 0)
  expect(looks).toBe(1)
})
