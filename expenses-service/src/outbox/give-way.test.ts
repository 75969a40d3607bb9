import { expect, test } from 'vitest'
import { makeBusyness, makeGiveWay } from './give-way.ts'

/** A loop that has been idle and active for as long as `pass` says. */
const makeLoop = () => {
  const loop = { idle: 9_000, active: 1_000 }
  return {
    look: () => ({ ...loop }),
    pass(idle: number, active: number) {
      loop.idle += idle
      loop.active += active
    },
  }
}

test.each([
  [250, 250, false],
  [201, 299, false],
  [200, 300, true],
  [0, 4_000, true],
  [60_000, 400, false],
])('after %i ms idle and %i ms at work a thread is busy: %s', (idle, active, expected) => {
  const { look, pass } = makeLoop()
  const isBusy = makeBusyness(look)
  pass(idle, active)
  expect(isBusy()).toBe(expected)
})

test('less than half a second says nothing, and what was before does not count', () => {
  const { look, pass } = makeLoop()
  const isBusy = makeBusyness(look)
  pass(0, 499)
  expect(isBusy()).toBe(false)
  pass(0, 1)
  expect(isBusy()).toBe(true)
  pass(499, 0)
  expect(isBusy()).toBe(true)
  pass(1, 0)
  expect(isBusy()).toBe(false)
})

const msMax = 60_000

const makeScene = (max = msMax) => {
  const clock = { ms: 5_000 }
  const said: string[] = []
  const giveWay = makeGiveWay({
    msMax: max,
    now: () => clock.ms,
    say: (what) => void said.push(what),
  })
  return {
    giveWay,
    said,
    pass: (ms: number) => void (clock.ms += ms),
    /** The ledger is busy for so long, and says so each 100 ms. */
    crowd(ms: number) {
      for (const endMs = clock.ms + ms; clock.ms < endMs; clock.ms += 100) giveWay.heard()
      giveWay.heard()
    },
  }
}

test('events give way to a busy ledger, from its word on and until it has been silent for a second', () => {
  const { giveWay, pass } = makeScene()
  expect(giveWay.isDue()).toBe(false)
  giveWay.heard()
  expect(giveWay.isDue()).toBe(true)
  pass(1_000)
  expect(giveWay.isDue()).toBe(true)
  pass(1)
  expect(giveWay.isDue()).toBe(false)
})

test('they give way for a minute and no longer, however long the crowd stays', () => {
  const { giveWay, crowd } = makeScene()
  crowd(100)
  expect(giveWay.isDue()).toBe(true)
  crowd(msMax - 100)
  expect(giveWay.isDue()).toBe(true)
  crowd(100)
  expect(giveWay.isDue()).toBe(false)
  // Having caught up in the midst of it, they are as late as before if they gave way again.
  giveWay.caughtUp()
  expect(giveWay.isDue()).toBe(false)
})

test('a second crowd finds what the first one has left of the minute, until they have caught up', () => {
  const { giveWay, said, crowd, pass } = makeScene()
  giveWay.heard()
  expect(giveWay.isDue()).toBe(true)
  pass(msMax)
  crowd(0)
  expect(giveWay.isDue()).toBe(false)
  pass(1_001)
  giveWay.caughtUp()
  crowd(0)
  expect(giveWay.isDue()).toBe(true)
  expect(said).toEqual([
    'events give way to a busy ledger',
    'events have caught up',
    'events give way to a busy ledger',
  ])
})

test('where the minute is nothing, they never do', () => {
  const { giveWay, said, pass } = makeScene(0)
  giveWay.heard()
  expect(giveWay.isDue()).toBe(false)
  pass(2_000)
  giveWay.caughtUp()
  expect(said).toEqual([])
})
