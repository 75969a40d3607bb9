import { expect, test } from 'vitest'
import { pathOf } from './request-target.ts'

test.each([
  ['/', '/'],
  ['/v1/debts?q=a%2Fb&x=..', '/v1/debts'],
  ['/v1/people/a%20b', '/v1/people/a b'],
  ['/assets/index-AbC_123.js', '/assets/index-AbC_123.js'],
  ['/.well-known/jwks.json', '/.well-known/jwks.json'],
  ['/v1/x..y/...', '/v1/x..y/...'],
])('%s is the path %s', (url, path) => {
  expect(pathOf(url)).toBe(path)
})

test.each([
  undefined,
  '',
  '*',
  'v1/debts',
  'http://other.test/v1/debts',
  '//other.test/',
  '/v1//auth/login',
  '/../etc/passwd',
  '/assets/..',
  '/assets/../../etc/passwd',
  '/assets/%2e%2e/x',
  '/assets/%2E%2e%2fx',
  '/assets/..%2f..%2fetc',
  '/assets\\..\\x',
  '/assets/%5c..%5cx',
  '/./x',
  '/x%00.js',
  '/x%0d%0aSet-Cookie:a',
  '/x%7f',
  '/%zz',
  '/%c0%ae%c0%ae/x',
  '/x y',
  '/x\ty',
  '/x\r\ny',
  '/caf\u00e9',
  '/x#y',
  `/${'x'.repeat(9_000)}`,
])('%j is refused', (url) => {
  expect(pathOf(url)).toBeUndefined()
})
