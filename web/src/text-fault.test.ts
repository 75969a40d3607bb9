import { expect, it } from 'vitest'
import { dayFault, roomLeft, textFault } from './text-fault.ts'

it('takes a text up to its limit, as it would be kept, and counts what is too much', () => {
  expect(textFault('', 3)).toBeUndefined()
  expect(textFault(' abc ', 3)).toBeUndefined()
  expect(textFault('abcde', 3)).toBe('At most 3 characters: 2 too many.')
  // An e and its accent are kept as one character.
  expect(textFault('e\u0301'.repeat(3), 3)).toBeUndefined()
})

it('names what nobody could read', () => {
  expect(textFault('Ana\u202egnp', 80)).toBe('This has hidden characters in it. Type it by hand.')
  expect(textFault('Ana\u0007', 80)).toBeDefined()
  expect(textFault('Zoë 🎂 中文 نور', 80)).toBeUndefined()
})

it('tells what is left of the room only near its end', () => {
  expect(roomLeft('a'.repeat(79), 100)).toBeUndefined()
  expect(roomLeft('a'.repeat(80), 100)).toBe('20 characters left.')
  expect(roomLeft('a'.repeat(101), 100)).toBeUndefined()
})

it('takes days that can be recorded', () => {
  expect(dayFault('', '2026-05-03')).toBeUndefined()
  expect(dayFault('2026-05-03', '2026-05-03')).toBeUndefined()
  expect(dayFault('2026-05-04', '2026-05-03')).toBe('Choose a day, not later than today.')
  expect(dayFault('2030-01-01', undefined)).toBeUndefined()
  expect(dayFault('1899-12-31', undefined)).toBe('Choose a day from 1900 on.')
  expect(dayFault('20260-01-01', undefined)).toBe('Choose a day from 1900 on.')
})
