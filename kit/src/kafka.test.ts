import { getEventListeners } from 'node:events'
import type { Consumer, Kafka } from 'kafkajs'
import { afterEach, expect, test, vi } from 'vitest'
import { consumerPart } from './kafka.ts'
import { makeLog } from './log.ts'

afterEach(() => {
  vi.useRealTimers()
})

/** A broker whose sessions all fail, after they lasted so long each. */
const failing = (lastingMs: number): Pick<Kafka, 'consumer' | 'admin'> => ({
  admin: () => {
    throw new Error('nobody asks for places')
  },
  consumer: () =>
    ({
      on: () => () => undefined,
      connect: async () => {
        vi.setSystemTime(Date.now() + lastingMs)
        throw new Error('no broker')
      },
      disconnect: async () => undefined,
    }) as Partial<Consumer> as Consumer,
})

/** Which attempts a consumer counts over its first three sessions, and who listens to the signal. */
const threeSessions = async (lastingMs: number) => {
  vi.useFakeTimers({ toFake: ['Date'] })
  const stop = new AbortController()
  const attempts: unknown[] = []
  const listeners: number[] = []
  const log = makeLog({ service: 'test', level: 'silent' })
  vi.spyOn(log, 'warn').mockImplementation((fields: unknown) => {
    attempts.push((fields as { attempt: number }).attempt)
    listeners.push(getEventListeners(stop.signal, 'abort').length)
    if (attempts.length === 3) stop.abort()
  })
  const shape = { groupId: 'g', topics: ['t'], fromBeginning: true, onBatch: async () => undefined }
  await consumerPart(failing(lastingMs), shape, log).run(stop.signal)
  return { attempts, listeners }
}

test('a consumer backs off from one failure to the next, and anew after a session that lasted', async () => {
  expect((await threeSessions(0)).attempts).toEqual([0, 1, 2])
  expect((await threeSessions(3_600_000)).attempts).toEqual([0, 0, 0])
})

test('a session that is over listens to nothing', async () => {
  expect((await threeSessions(0)).listeners).toEqual([0, 0, 0])
})
