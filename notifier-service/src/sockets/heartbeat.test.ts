import { makeLog } from '@quits/kit/log'
import { afterEach, expect, test, vi } from 'vitest'
import { makeTestFigures } from '../../test/figures.ts'
import { makeHeartbeat } from './heartbeat.ts'

afterEach(() => void vi.useRealTimers())

const pingMs = 25_000

const head = { epoch: 1, seq: 1 }

/** A socket's pings: what is said and asked from one to the next. */
const open = () => {
  vi.useFakeTimers()
  const state = { losses: 4, isDegraded: false, headAgeMs: 0 }
  const said: string[] = []
  const heartbeat = makeHeartbeat({
    channel: {
      head: () => head,
      trustedHead: async (ageMsMax = 0) => (state.headAgeMs <= ageMsMax ? head : undefined),
      refresh: async () => {
        said.push('look')
        return head
      },
      forgetRecent: () => undefined,
    },
    outflow: {
      send: (frame) => void said.push('degraded' in frame ? 'ping, degraded' : frame.type),
      advance: () => undefined,
      changed: () => void said.push('counts'),
    },
    pingMs,
    inBeat(afterMs, run) {
      const timer = setTimeout(run, afterMs)
      return () => clearTimeout(timer)
    },
    pongMs: undefined,
    isDegraded: () => state.isDegraded,
    losses: () => state.losses,
    lossesKnown: 4,
    figures: makeTestFigures(),
    onSilent: () => undefined,
    log: makeLog({ service: 'test', level: 'silent' }),
  })
  const nextPing = async () => {
    said.length = 0
    await vi.advanceTimersByTimeAsync(pingMs)
    return said
  }
  return { state, heartbeat, nextPing }
}

test('counts come with the ping after words were lost, however short that was, and not again', async () => {
  const { state, heartbeat, nextPing } = open()
  expect(await nextPing()).toEqual(['ping'])
  // Gone and back between two pings: nothing is degraded when either of them is sent.
  state.losses += 1
  expect(await nextPing()).toEqual(['ping', 'counts'])
  expect(await nextPing()).toEqual(['ping'])
  state.isDegraded = true
  expect(await nextPing()).toEqual(['ping, degraded', 'counts'])
  state.isDegraded = false
  expect(await nextPing()).toEqual(['ping', 'counts'])
  expect(await nextPing()).toEqual(['ping'])
  heartbeat.stop()
})

test('the store is asked for a head that it has not confirmed since the last ping, or only with that', async () => {
  const { state, heartbeat, nextPing } = open()
  expect(await nextPing()).toEqual(['ping'])
  state.headAgeMs = pingMs / 2
  expect(await nextPing()).toEqual(['ping'])
  state.headAgeMs = pingMs - 1
  expect(await nextPing()).toEqual(['look', 'ping'])
  heartbeat.stop()
})
