import { expect, it } from 'vitest'
import { makeLag } from './lag.ts'

const makeScene = () => {
  const clock = { nowMs: 100_000 }
  const group: { liveSinceMs?: number; awaySinceMs?: number } = { liveSinceMs: 50_000 }
  const lag = makeLag({
    now: () => clock.nowMs,
    liveSinceMs: () => group.liveSinceMs,
    awaySinceMs: () => group.awaySinceMs,
  })
  /** Records of one partition, by when the broker got them. */
  const records = (partition: number, ...timesMs: number[]) =>
    timesMs.map((timestampMs) => ({ topic: 't', partition, timestampMs }))
  return { clock, group, lag, records }
}

it('grows while a batch waits, however often it is tried', () => {
  const { clock, lag, records } = makeScene()
  lag.began(records(0, 95_000, 99_000))
  expect(lag.seconds()).toBe(5)
  clock.nowMs += 60_000
  lag.began(records(0, 95_000, 99_000))
  expect(lag.seconds()).toBe(65)
})

it('is that of the newest record once a batch is stored, and nothing when no more comes', () => {
  const { clock, lag, records } = makeScene()
  lag.began(records(0, 90_000, 98_000))
  lag.ended(records(0, 90_000, 98_000))
  expect(lag.seconds()).toBe(2)
  clock.nowMs += 10_000
  expect(lag.seconds()).toBe(0)
})

it('is that of the partition that waits, whatever is stored of the others', () => {
  const { clock, lag, records } = makeScene()
  lag.began(records(0, 95_000))
  clock.nowMs += 30_000
  lag.began([...records(1, 129_000), ...records(2, 129_500)])
  lag.ended([...records(1, 129_000), ...records(2, 129_500)])
  expect(lag.seconds()).toBe(35)
})

it('grows while this process is out of its group, and forgets what it had in hand there', () => {
  const { clock, group, lag, records } = makeScene()
  lag.began(records(0, 95_000))
  delete group.liveSinceMs
  group.awaySinceMs = 100_000
  clock.nowMs += 20_000
  expect(lag.seconds()).toBe(25)
  lag.ended(records(0, 95_000))
  clock.nowMs += 20_000
  expect(lag.seconds()).toBe(40)

  // Another has that partition now, or it comes here again from where it was.
  lag.began(records(0, 95_000))
  clock.nowMs += 1
  delete group.awaySinceMs
  group.liveSinceMs = clock.nowMs
  expect(lag.seconds()).toBe(0)
})

it('is never below nothing, whatever the clocks say', () => {
  const { lag, records } = makeScene()
  lag.began(records(0, 101_000))
  expect(lag.seconds()).toBe(0)
  lag.ended(records(0, 102_000))
  expect(lag.seconds()).toBe(0)
})
