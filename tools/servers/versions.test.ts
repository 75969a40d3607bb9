import { expect, it } from 'vitest'
import { isAtLeast } from './versions.ts'

it('versions are compared number by number', () => {
  expect(isAtLeast('3.10.8', '3.9')).toBe(true)
  expect(isAtLeast('3.9', '3.10')).toBe(false)
  expect(isAtLeast('18', '18')).toBe(true)
  expect(isAtLeast('17.10', '18')).toBe(false)
})
