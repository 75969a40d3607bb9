import { expect, test } from 'vitest'
import { meaningOf } from './classify.ts'

const answered = (status: number, headers: Record<string, string> = {}) => ({
  reply: { status, headers, text: '' },
})
const later = { 'retry-after': '1' }

test('only 2xx is durable, and a 4xx never commits', () => {
  expect(meaningOf(answered(201))).toBe('done')
  for (const status of [400, 401, 404, 409, 412, 422]) {
    expect(meaningOf(answered(status))).toBe('definitive')
  }
})

test('a lost answer and a 503 leave it open, a refused connection and a 429 do not', () => {
  expect(meaningOf({ broken: 'ECONNRESET' })).toBe('ambiguous')
  expect(meaningOf(answered(503, later))).toBe('ambiguous')
  expect(meaningOf({ broken: 'ECONNREFUSED' })).toBe('transient')
  expect(meaningOf(answered(429, later))).toBe('transient')
})

test('twin: what nobody foresaw is not waved through', () => {
  const unforeseen = [answered(500), answered(502), answered(503), answered(302), answered(429)]
  for (const ending of unforeseen) expect(meaningOf(ending)).toBe('unclassified')
  expect(meaningOf({ broken: 'EWHATEVER' })).toBe('unclassified')
})
