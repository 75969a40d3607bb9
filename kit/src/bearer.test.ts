import { expect, test } from 'vitest'
import { bearerOf } from './bearer.ts'

test('a bearer token is found, however its scheme is written', () => {
  expect(bearerOf('Bearer a.b-c_d~e+f/g==')).toBe('a.b-c_d~e+f/g==')
  expect(bearerOf('bearer  abc ')).toBe('abc')
  expect(bearerOf('BEARER abc')).toBe('abc')
})

test('anything else is no token', () => {
  for (const header of [undefined, '', 'Bearer', 'Bearer ', 'Bearerabc', 'Basic abc']) {
    expect(bearerOf(header)).toBeUndefined()
  }
  for (const header of ['Bearer a b', 'Bearer a,Bearer b', 'Bearer =', 'Bearer ä', 'xBearer a']) {
    expect(bearerOf(header)).toBeUndefined()
  }
})

test('an endless token is none', () => {
  expect(bearerOf(`Bearer ${'x'.repeat(2_000)}`)).toHaveLength(2_000)
  expect(bearerOf(`Bearer ${'x'.repeat(3_000)}`)).toBeUndefined()
})
