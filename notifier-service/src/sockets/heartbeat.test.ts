import { makeLog } from '@quits/kit/log'
import { afterEach, expect, test, vi } from 'vitest'
import { makeTestFigures } from '../../test/figures.ts'
import { makeHeartbeat } from './heartbeat.ts'

afterEach(() => void vi.useRealTimers())

const pingMs = 25_000

test('counts come with the ping after words were lost, however short that was, and not again', async () => {
  vi.useFakeTimers()
  const state = { losses: 4, isDegraded: false }
  const said: string[] = []
  const heartbeat = makeHeartbeat({
    channel: {
      head: () => ({ epoch: 1, seq: 1 }),
      refresh: async () => ({ epoch: 1, seq: 1 }),
      forgetRecent: () => undefined,
    },
    outflow: {
      send: (frame) => void said.push('degraded' in frame ? 'ping, degraded' : frame.type),
      advance: () => undefined,
      changed: () => void said.push('counts'),
    },
    pingMs,
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
