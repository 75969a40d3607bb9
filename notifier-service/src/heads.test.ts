import type { Cursor } from '@quits/proto/feed'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { makeHeads } from './heads.ts'

const minuteMs = 60_000

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** A store whose answers the test gives; each question is noted. */
const makeStore = () => {
  const questions: string[] = []
  let answer = async (): Promise<Cursor> => ({ epoch: 1, seq: 7 })
  const store = {
    head: (userId: string) => {
      questions.push(userId)
      return answer()
    },
  }
  const heads = makeHeads({ store, now: Date.now })
  const answerBy = (how: typeof answer) => {
    answer = how
  }
  const headOf = async (userId: string) => (await heads.of([userId])).get(userId)
  /** Ana is remembered at 7 and asked for anew; resolves with what gives the answer. */
  const untilRead = async () => {
    await headOf('ana')
    await vi.advanceTimersByTimeAsync(9 * minuteMs)
    const answered = Promise.withResolvers<Cursor>()
    answerBy(() => answered.promise)
    expect(await headOf('ana')).toEqual({ epoch: 1, seq: 7 })
    await vi.advanceTimersByTimeAsync(1_000)
    expect(questions).toEqual(['ana', 'ana'])
    return async (head: Cursor) => {
      answered.resolve(head)
      await vi.advanceTimersByTimeAsync(0)
    }
  }
  return { heads, questions, answerBy, headOf, untilRead }
}

test('those who are asked for every other minute are read anew beside the work, at different times', async () => {
  const { heads, questions } = makeStore()
  const people = Array.from({ length: 200 }, (_, index) => `person ${index}`)
  await heads.of(people)
  expect(questions).toHaveLength(people.length)
  const readBeside: string[][] = []
  for (let passedMs = 0; passedMs <= 8 * minuteMs; passedMs += minuteMs / 2) {
    const before = questions.length
    await heads.of(people)
    expect(questions).toHaveLength(before)
    await vi.advanceTimersByTimeAsync(minuteMs / 2)
    readBeside.push(questions.slice(before))
  }
  expect(new Set(readBeside.flat())).toEqual(new Set(people))
  expect(Math.max(...readBeside.map(({ length }) => length))).toBeLessThan(people.length / 2)
})

test.each([
  { what: 'what was stored here', moved: { epoch: 1, seq: 9 }, answered: { epoch: 1, seq: 8 } },
  { what: 'the epoch of a rebuild', moved: { epoch: 2, seq: 1 }, answered: { epoch: 1, seq: 20 } },
])('a reading does not take back $what since its question', async ({ moved, answered }) => {
  const { heads, headOf, untilRead } = makeStore()
  const answer = await untilRead()
  heads.moved('ana', moved)
  await answer(answered)
  expect(await headOf('ana')).toEqual(moved)
})

test.each([
  { what: 'what others have stored', answered: { epoch: 1, seq: 12 } },
  { what: 'the epoch of a feed that was rebuilt', answered: { epoch: 2, seq: 3 } },
])('a reading brings $what, and no move in a former place takes it back', async ({ answered }) => {
  const { heads, headOf, untilRead } = makeStore()
  const answer = await untilRead()
  await answer(answered)
  heads.moved('ana', { epoch: 1, seq: 11 })
  expect(await headOf('ana')).toEqual(answered)
})

test('what was forgotten during a reading is not remembered by it', async () => {
  const { heads, answerBy, headOf, untilRead } = makeStore()
  const answer = await untilRead()
  heads.forget(['ana'])
  await answer({ epoch: 1, seq: 8 })
  answerBy(async () => ({ epoch: 1, seq: 20 }))
  expect(await headOf('ana')).toEqual({ epoch: 1, seq: 20 })
})

test('no head is older than ten minutes, however often it is asked for and moves', async () => {
  const { heads, answerBy, headOf } = makeStore()
  await headOf('ana')
  answerBy(() => Promise.reject(new Error('MongoDB is away')))
  for (let minute = 1; minute < 10; minute += 1) {
    await vi.advanceTimersByTimeAsync(minuteMs)
    heads.moved('ana', { epoch: 1, seq: 7 + minute })
    expect(await headOf('ana')).toEqual({ epoch: 1, seq: 7 + minute })
  }
  await vi.advanceTimersByTimeAsync(minuteMs)
  await expect(headOf('ana')).rejects.toThrow('MongoDB is away')
})

test('who is asked for while others are read is read a second later', async () => {
  const { questions, answerBy, headOf } = makeStore()
  await headOf('ana')
  await vi.advanceTimersByTimeAsync(3 * minuteMs)
  await headOf('bo')
  await vi.advanceTimersByTimeAsync(5 * minuteMs)
  const answered = Promise.withResolvers<Cursor>()
  answerBy(() => answered.promise)
  await headOf('ana')
  await vi.advanceTimersByTimeAsync(3 * minuteMs)
  await headOf('bo')
  expect(questions).toEqual(['ana', 'bo', 'ana'])
  answered.resolve({ epoch: 1, seq: 8 })
  await vi.advanceTimersByTimeAsync(1_000)
  expect(questions).toEqual(['ana', 'bo', 'ana', 'bo'])
})

test('a first reading that took long makes no head younger than its question, either', async () => {
  const { answerBy, headOf } = makeStore()
  const answered = Promise.withResolvers<Cursor>()
  answerBy(() => answered.promise)
  const first = headOf('ana')
  await vi.advanceTimersByTimeAsync(minuteMs)
  answered.resolve({ epoch: 1, seq: 7 })
  expect(await first).toEqual({ epoch: 1, seq: 7 })
  answerBy(() => Promise.reject(new Error('MongoDB is away')))
  await vi.advanceTimersByTimeAsync(9 * minuteMs - 1)
  expect(await headOf('ana')).toEqual({ epoch: 1, seq: 7 })
  await vi.advanceTimersByTimeAsync(1)
  await expect(headOf('ana')).rejects.toThrow('MongoDB is away')
})

test('a reading that took long makes no head younger than its question', async () => {
  const { answerBy, headOf, untilRead } = makeStore()
  const answer = await untilRead()
  await vi.advanceTimersByTimeAsync(minuteMs / 2)
  await answer({ epoch: 1, seq: 7 })
  answerBy(() => Promise.reject(new Error('MongoDB is away')))
  await vi.advanceTimersByTimeAsync(9 * minuteMs + minuteMs / 2 - 1)
  expect(await headOf('ana')).toEqual({ epoch: 1, seq: 7 })
  await vi.advanceTimersByTimeAsync(1)
  await expect(headOf('ana')).rejects.toThrow('MongoDB is away')
})
