import { expect, test } from 'vitest'
import { type Left, makeBusyness, makeGiveWay } from './give-way.ts'

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

/** Of a service that is no longer starting. */
const makeStarted = (
  look: () => { idle: number; active: number },
  pass: (idle: number, active: number) => void,
) => {
  const isBusy = makeBusyness(look)
  isBusy()
  pass(3_000, 0)
  isBusy()
  return isBusy
}

/** Each tenth of a second it is asked; tells after how many of them it was busy, or undefined. */
const busyAfter = (
  isBusy: () => boolean,
  pass: (idle: number, active: number) => void,
  share: number,
) => {
  for (let tenth = 1; tenth <= 600; tenth += 1) {
    pass(100 * (1 - share), 100 * share)
    if (isBusy()) return tenth / 10
  }
  return undefined
}

test.each([
  [1, 1.5],
  [0.8, 2.5],
  [0.5, undefined],
])('a thread that is at work for %f of the time is busy after %f s', (share, seconds) => {
  const { look, pass } = makeLoop()
  const isBusy = makeStarted(look, pass)
  expect(busyAfter(isBusy, pass, share)).toBe(seconds)
})

test('it stays so for a moment of rest, and not for two seconds', () => {
  const { look, pass } = makeLoop()
  const isBusy = makeStarted(look, pass)
  pass(0, 3_000)
  expect(isBusy()).toBe(true)
  pass(500, 0)
  expect(isBusy()).toBe(true)
  pass(1_500, 0)
  expect(isBusy()).toBe(false)
})

test('the first three seconds, in which a service is busy with itself, do not count', () => {
  const { look, pass } = makeLoop()
  const isBusy = makeBusyness(look)
  isBusy()
  expect(busyAfter(isBusy, pass, 1)).toBe(3 + 1.5)
})

test('nor does what was before the first question', () => {
  const { look, pass } = makeLoop()
  const isBusy = makeBusyness(look)
  pass(0, 10_000)
  expect(busyAfter(isBusy, pass, 1)).toBe(0.1 + 3 + 1.5)
})

const msMax = 60_000
const freshMs = 3_000
const crowded: Left = { events: 400, oldestMs: 110 }

const makeScene = (max = msMax) => {
  const clock = { ms: 5_000 }
  const said: string[] = []
  const giveWay = makeGiveWay({
    msMax: max,
    now: () => clock.ms,
    say: (what) => void said.push(what),
  })
  const isDue = (last: Partial<Left> = {}) => giveWay.isDue({ ...crowded, ...last })
  return {
    clock,
    giveWay,
    said,
    isDue,
    /** So long without a word of the ledger; the relay asks each half second. */
    pass(ms: number) {
      for (const endMs = clock.ms + ms; clock.ms < endMs; ) {
        clock.ms = Math.min(clock.ms + 500, endMs)
        isDue()
      }
    },
    /** The ledger is busy for so long; tells for how long of it events gave way. */
    crowd(ms: number): number {
      let gaveMs = 0
      for (const endMs = clock.ms + ms; clock.ms < endMs; clock.ms += 100) {
        giveWay.heard()
        if (isDue()) gaveMs += 100
      }
      return gaveMs
    },
  }
}

test('events give way to a busy ledger, from its word on and until it has been silent for three seconds', () => {
  const { giveWay, said, isDue, pass } = makeScene()
  expect(isDue()).toBe(false)
  giveWay.heard()
  expect(isDue()).toBe(true)
  pass(freshMs)
  expect(isDue()).toBe(true)
  pass(1)
  expect(isDue()).toBe(false)
  expect(said).toEqual(['events give way to a busy ledger', 'events go on'])
})

test('or until it has ended', () => {
  const { giveWay, isDue } = makeScene()
  giveWay.heard()
  giveWay.ended()
  expect(isDue()).toBe(false)
})

test('they give way for a minute, and after that however long the crowd stays no more', () => {
  const { crowd } = makeScene()
  expect(crowd(30 * msMax)).toBe(msMax)
})

test('a minute that was used up is back after ten without a crowd, and one in parts before that', () => {
  const { crowd, pass } = makeScene()
  crowd(2 * msMax)
  // Asked each half second, it sees calm from the last step of those three seconds on.
  pass(5 * msMax + freshMs - 1_000)
  expect(crowd(msMax)).toBe(msMax / 2)
  pass(30 * msMax)
  expect(crowd(2 * msMax)).toBe(msMax)
})

test('a crowd that comes and goes all the time holds up events for less than a tenth of it', () => {
  const { crowd, pass } = makeScene()
  crowd(msMax)
  let gaveMs = 0
  for (let round = 0; round < 1_000; round += 1) {
    gaveMs += crowd(5_000)
    pass(5_000)
  }
  expect(gaveMs).toBeGreaterThan(0)
  expect(gaveMs).toBeLessThan(1_000_000)
})

test('an event that has waited for a minute is not held back, whoever held it', () => {
  const { giveWay, isDue } = makeScene()
  giveWay.heard()
  isDue()
  expect(isDue({ oldestMs: msMax - 1 })).toBe(true)
  expect(isDue({ oldestMs: msMax })).toBe(false)
})

test.each([
  ['few events', { events: 127, oldestMs: 10 }],
  ['many that waited for a broker', { events: 512, oldestMs: 513 }],
])('%s are no crowd, however busy the ledger is', (_, last) => {
  const { giveWay, said, isDue } = makeScene()
  giveWay.heard()
  expect(isDue(last)).toBe(false)
  expect(said).toEqual([])
})

test('a ledger that is busy without a crowd neither spends its minute nor wins it back', () => {
  const { giveWay, isDue, crowd, clock } = makeScene()
  const isBusyFor = (ms: number) => {
    for (const endMs = clock.ms + ms; clock.ms < endMs; ) {
      clock.ms += 500
      giveWay.heard()
      isDue({ events: 10 })
    }
  }
  isBusyFor(2 * msMax)
  expect(crowd(2 * msMax)).toBe(msMax)
  isBusyFor(20 * msMax)
  expect(crowd(msMax)).toBe(0)
})

test('once events give way, the few that leave do not end it', () => {
  const { giveWay, isDue } = makeScene()
  giveWay.heard()
  isDue()
  expect(isDue({ events: 50, oldestMs: 5_000 })).toBe(true)
})

test('where the minute is nothing, they never do', () => {
  const { said, crowd } = makeScene(0)
  expect(crowd(1_000)).toBe(0)
  expect(said).toEqual([])
})
