import { describe, expect, test } from 'vitest'
import { type Ask, patiently, type Reply } from './front-door.ts'

const reply = (status: number, headers: Record<string, string> = {}): Reply => ({
  status,
  headers: new Headers(headers),
  body: {},
})

/** A door that gives these answers one after the other, and the waits in between. */
const doorWith = (answers: Reply[]) => {
  const waits: number[] = []
  let asked = 0
  const ask: Ask = async () => answers[asked++] ?? reply(200)
  const patient = patiently(ask, async (ms) => waits.push(ms))
  return { patient, waits, asked: () => asked }
}

describe('asking the front door', () => {
  test('waits as long as it is told to, and asks again', async () => {
    const door = doorWith([reply(429, { 'retry-after': '7' }), reply(503), reply(201)])
    expect((await door.patient('POST', '/v1/debts')).status).toBe(201)
    expect(door.waits).toEqual([7_000, 1_000])
  })

  test('takes any other refusal for an answer', async () => {
    const door = doorWith([reply(422)])
    expect((await door.patient('POST', '/v1/debts')).status).toBe(422)
    expect(door.asked()).toBe(1)
  })

  test('gives up after three minutes of waiting', async () => {
    const door = doorWith(Array.from({ length: 100 }, () => reply(429, { 'retry-after': '50' })))
    expect((await door.patient('POST', '/v1/auth/login')).status).toBe(429)
    expect(door.waits).toEqual([50_000, 50_000, 50_000])
  })

  test('does not wait at all when it is told to come back in an hour', async () => {
    const door = doorWith([reply(429, { 'retry-after': '3600' })])
    expect((await door.patient('POST', '/v1/auth/codes')).status).toBe(429)
    expect(door.waits).toEqual([])
  })
})
