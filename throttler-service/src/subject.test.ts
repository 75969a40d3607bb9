import { expect, test } from 'vitest'
import { anonymous, subjectOf } from './subject.ts'

const user = (userId: string) => ({ tier: 'activated', userId, degraded: false }) as const

test('an address that looks like a user id is no user', () => {
  const userId = '42'
  expect(subjectOf(user(userId), '192.0.2.7')).toBe('{u:42}')
  expect(subjectOf(anonymous, userId)).toBe('{ip:unknown}')
  expect(subjectOf(anonymous, 'u:42')).toBe('{ip:unknown}')
})

test('a user is the same from every address, and a network is one subject', () => {
  expect(subjectOf(user('7'), '192.0.2.7')).toBe(subjectOf(user('7'), '2001:db8::1'))
  expect(subjectOf(anonymous, '2001:db8::1')).toBe(subjectOf(anonymous, '2001:db8::2'))
  expect(subjectOf(anonymous, '192.0.2.7')).not.toBe(subjectOf(anonymous, '192.0.2.8'))
})
