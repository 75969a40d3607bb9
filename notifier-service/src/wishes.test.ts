import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Wish } from './muting.ts'
import { makeWishes } from './wishes.ts'

const silent: Wish = { mutes: [{ type: 'kind', id: 'debt.changed' }], isErased: false }
const none: Wish = { mutes: [], isErased: false }

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** A store whose answers the test gives; each question is noted. */
const makeStore = () => {
  const questions: string[][] = []
  let answer: (userIds: string[]) => Promise<Map<string, Wish>> = async () => new Map()
  const wishes = makeWishes({
    read: (userIds) => {
      questions.push(userIds)
      return answer(userIds)
    },
    now: Date.now,
  })
  const answerWith = (wish: Wish) => {
    answer = async (userIds) => new Map(userIds.map((userId) => [userId, wish]))
  }
  const answerBy = (how: typeof answer) => {
    answer = how
  }
  /** Asks for a person every five seconds; resolves with the different answers. */
  const goOn = async (userId: string, seconds: number) => {
    const found = new Set<Wish | undefined>()
    for (let passed = 0; passed < seconds; passed += 5) {
      await vi.advanceTimersByTimeAsync(5_000)
      found.add((await wishes.of([userId])).get(userId))
    }
    return [...found]
  }
  return { wishes, questions, answerWith, answerBy, goOn }
}

it('is asked once for whoever comes again within twenty seconds', async () => {
  const { wishes, questions, answerWith } = makeStore()
  answerWith(silent)
  await wishes.of(['ana', 'bo'])
  await vi.advanceTimersByTimeAsync(19_000)
  expect(await wishes.of(['bo', 'ana'])).toEqual(
    new Map([
      ['bo', silent],
      ['ana', silent],
    ]),
  )
  await vi.advanceTimersByTimeAsync(2_000)
  expect(questions).toEqual([['ana', 'bo']])
})

it('reads anew beside the work, many with one question, and nobody waits for it', async () => {
  const { wishes, questions, answerWith, answerBy } = makeStore()
  answerWith(none)
  const people = Array.from({ length: 100 }, (_, index) => `person ${index}`)
  await wishes.of(people)
  await vi.advanceTimersByTimeAsync(51_000)
  const answers = Promise.withResolvers<void>()
  answerBy(async (userIds) => {
    await answers.promise
    return new Map(userIds.map((userId) => [userId, silent]))
  })
  for (const person of people) expect(await wishes.of([person])).toEqual(new Map([[person, none]]))
  await vi.advanceTimersByTimeAsync(1_000)
  expect(questions).toEqual([people, people])
  expect(await wishes.of(['person 7'])).toEqual(new Map([['person 7', none]]))
  answers.resolve()
  await vi.advanceTimersByTimeAsync(0)
  expect(await wishes.of(['person 7'])).toEqual(new Map([['person 7', silent]]))
  await vi.advanceTimersByTimeAsync(1_000)
  expect(questions).toHaveLength(2)
})

it('never tells what is older than a minute, however often it is asked', async () => {
  const { wishes, answerWith, answerBy, goOn } = makeStore()
  answerWith(none)
  await wishes.of(['ana'])
  answerBy(() => Promise.reject(new Error('MongoDB is away')))
  expect(await goOn('ana', 55)).toEqual([none])
  await vi.advanceTimersByTimeAsync(5_000)
  await expect(wishes.of(['ana'])).rejects.toThrow('MongoDB is away')
  answerWith(silent)
  expect(await wishes.of(['ana'])).toEqual(new Map([['ana', silent]]))
})

it('reads those anew at different times who were first read together', async () => {
  const { wishes, questions } = makeStore()
  const people = Array.from({ length: 200 }, (_, index) => `person ${index}`)
  await wishes.of(people)
  for (let passed = 0; passed < 41_000; passed += 2_000) {
    await vi.advanceTimersByTimeAsync(2_000)
    await wishes.of(people)
  }
  await vi.advanceTimersByTimeAsync(1_000)
  const [first, ...renewals] = questions
  expect(first).toEqual(people)
  expect(renewals.flat().toSorted()).toEqual(people.toSorted())
  expect(Math.max(...renewals.map(({ length }) => length))).toBeLessThan(people.length / 2)
})

it('lets a reading that took long neither replace a later one nor live for longer', async () => {
  const { wishes, answerWith, answerBy } = makeStore()
  answerWith(none)
  await wishes.of(['ana', 'bo'])
  await vi.advanceTimersByTimeAsync(50_000)
  const late = Promise.withResolvers<Map<string, Wish>>()
  answerBy(() => late.promise)
  await wishes.of(['ana', 'bo'])
  await vi.advanceTimersByTimeAsync(10_000)
  answerWith(silent)
  expect(await wishes.of(['ana'])).toEqual(new Map([['ana', silent]]))
  late.resolve(new Map([['ana', none]]))
  await vi.advanceTimersByTimeAsync(0)
  expect(await wishes.of(['ana'])).toEqual(new Map([['ana', silent]]))
  // The late one was asked for at the fifty-first second.
  answerBy(() => Promise.reject(new Error('MongoDB is away')))
  await vi.advanceTimersByTimeAsync(50_000)
  expect(await wishes.of(['bo'])).toEqual(new Map([['bo', none]]))
  await vi.advanceTimersByTimeAsync(1_000)
  await expect(wishes.of(['bo'])).rejects.toThrow('MongoDB is away')
})

it('goes on reading anew after a failure', async () => {
  const { wishes, questions, answerWith, answerBy, goOn } = makeStore()
  answerWith(none)
  await wishes.of(['ana'])
  answerBy(() => Promise.reject(new Error('MongoDB is away')))
  await vi.advanceTimersByTimeAsync(50_000)
  await wishes.of(['ana'])
  await vi.advanceTimersByTimeAsync(1_000)
  expect(questions).toHaveLength(2)
  answerWith(silent)
  await wishes.of(['ana'])
  await vi.advanceTimersByTimeAsync(1_000)
  expect(await goOn('ana', 20)).toEqual([silent])
  expect(questions).toHaveLength(3)
})

it('forgets what a reading brought that began before a change', async () => {
  const { wishes, answerWith, answerBy } = makeStore()
  answerWith(none)
  await wishes.of(['ana'])
  await vi.advanceTimersByTimeAsync(51_000)
  const answers = Promise.withResolvers<Map<string, Wish>>()
  answerBy(() => answers.promise)
  await wishes.of(['ana'])
  await vi.advanceTimersByTimeAsync(1_000)
  wishes.forget('ana')
  answers.resolve(new Map([['ana', none]]))
  await vi.advanceTimersByTimeAsync(0)
  answerWith(silent)
  expect(await wishes.of(['ana'])).toEqual(new Map([['ana', silent]]))
})
