import { makeLog } from '@quits/kit/log'
import type { Connection } from '@quits/kit/postgres'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ledgerError } from '../errors.ts'
import { settle } from '../testing/event-loop.ts'
import type { Command } from './turn.ts'
import type { TurnConnection } from './turn-connection.ts'
import { makeWriter } from './writer.ts'

const log = makeLog({ service: 'test', level: 'silent' })

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }))
afterEach(() => void vi.useRealTimers())

const command: Command<string> = {
  caller: { userId: 'u', sessionId: 's' },
  bookIds: [],
  entries: [],
  request: { bookId: 'b', key: 'k', hash: '00'.repeat(32) },
  decide: () => ({ changes: [], events: [], result: 'done' }),
  replay: () => 'done',
}

/** A database whose every answer is a time-out after three seconds. */
const silent = () => {
  let tries = 0
  return {
    tries: () => tries,
    close: async () => {},
    async transaction(): Promise<never> {
      tries += 1
      vi.setSystemTime(Date.now() + 3_000)
      throw new Error('timeout expired')
    },
  }
}

/** A database where a command's own rows refuse it, after a wait that makes everybody late. */
const refusing = () => ({
  close: async () => {},
  async transaction(): Promise<never> {
    vi.setSystemTime(Date.now() + 6_000)
    throw ledgerError('too_many_first_contacts')
  },
})

test('who is late hears of the wait, and never the refusal of another command', async () => {
  const writer = makeWriter({ connections: [refusing()], wakeRelay: () => {}, log })
  const outcomes = await Promise.allSettled([writer.submit(command), writer.submit(command)])
  for (const outcome of outcomes) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'unavailable' } })
  }
})

test('while the database is silent, nobody waits for the tries of the others', async () => {
  const connection = silent()
  const writer = makeWriter({ connections: [connection], wakeRelay: () => {}, log })
  const outcomes = await Promise.allSettled(
    Array.from({ length: 20 }, () => writer.submit(command)),
  )
  for (const outcome of outcomes) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'unavailable' } })
  }
  expect(connection.tries()).toBe(2)
})

/** A database that knows the session of the command above, and nothing else. */
const answering = {
  query: async ({ name }: { name: string }) => ({
    rows: name === 'load-sessions' ? [{ now: new Date(), live: 's:u' }] : [],
  }),
} as unknown as Connection

/** Two connections whose turns last until they are let go; each says how many commands it took. */
const makeHeld = () => {
  const turns: { commands: number; end: () => void }[] = []
  const makeConnection = (): TurnConnection => ({
    close: async () => {},
    async transaction(plan) {
      const { result } = await plan(answering)
      const ended = Promise.withResolvers<void>()
      turns.push({ commands: Array.isArray(result) ? result.length : 0, end: ended.resolve })
      await ended.promise
      return result
    },
  })
  const connections = [makeConnection(), makeConnection()]
  return { turns, writer: makeWriter({ connections, wakeRelay: () => {}, log }) }
}
const sizes = (turns: { commands: number }[]) => turns.map(({ commands }) => commands)

/** One turn runs, and timers go when they are told to. */
const makeTimedScene = async () => {
  vi.useFakeTimers({ toFake: ['Date', 'performance', 'setTimeout'] })
  const { turns, writer } = makeHeld()
  const outcomes = [writer.submit(command)]
  await settle()
  return {
    turns,
    async submit(count: number) {
      for (let one = 0; one < count; one += 1) {
        outcomes.push(writer.submit(command))
        await settle()
      }
    },
    async endAll() {
      for (const { end } of turns) end()
      return Promise.all(outcomes)
    },
  }
}

test('what comes while a turn runs is the next turn', async () => {
  const { turns, submit, endAll } = await makeTimedScene()
  await submit(3)
  expect(sizes(turns)).toEqual([1])
  turns[0]?.end()
  await settle()
  expect(sizes(turns)).toEqual([1, 3])
  expect(await endAll()).toHaveLength(4)
})

test('enough that wait have a turn of their own', async () => {
  const { turns, submit, endAll } = await makeTimedScene()
  await submit(8)
  expect(sizes(turns)).toEqual([1, 8])
  expect(await endAll()).toHaveLength(9)
})

test('nobody waits for long behind a turn that is held up', async () => {
  const { turns, submit, endAll } = await makeTimedScene()
  await submit(2)
  vi.advanceTimersByTime(20)
  await settle()
  expect(sizes(turns)).toEqual([1, 2])
  turns[1]?.end()
  await submit(1)
  expect(sizes(turns)).toEqual([1, 2, 1])
  expect(await endAll()).toHaveLength(4)
})
