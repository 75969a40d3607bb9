import { makeLog } from '@quits/kit/log'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ledgerError } from '../errors.ts'
import type { Command } from './turn.ts'
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
