import { expect, test } from 'vitest'
import { makeRefreshCookie } from './refresh-cookie.ts'

const safe = makeRefreshCookie(new URL('https://quits.test'))
const local = makeRefreshCookie(new URL('http://localhost:8080'))

test('over https the cookie is bound to the host and hidden from scripts', () => {
  expect(safe.keep('t', 60)).toBe(
    '__Host-quits-refresh=t; Max-Age=60; Path=/; HttpOnly; SameSite=Strict; Secure',
  )
  expect(safe.forget).toMatch(/^__Host-quits-refresh=; Max-Age=0; .*Secure$/)
})

test('two stacks on loopback do not share it', () => {
  expect(local.keep('t', 60)).toBe(
    'quits-refresh-8080=t; Max-Age=60; Path=/; HttpOnly; SameSite=Strict',
  )
  expect(makeRefreshCookie(new URL('http://localhost:8081')).name).toBe('quits-refresh-8081')
})

test('only our own pages send it', () => {
  expect(safe.isOurs('https://quits.test', 'same-origin')).toBe(true)
  expect(safe.isOurs(undefined, 'same-origin')).toBe(true)
  expect(safe.isOurs(undefined, undefined)).toBe(true)
})

test('on this machine every name of it is ours, at the one port', () => {
  for (const host of ['localhost', '127.0.0.1', '[::1]']) {
    expect(local.isOurs(`http://${host}:8080`, 'same-origin')).toBe(true)
    expect(local.isOurs(`http://${host}:8081`, 'same-site')).toBe(false)
    expect(safe.isOurs(`http://${host}:80`, undefined)).toBe(false)
  }
  expect(local.isOurs('http://localhost.evil.test:8080', undefined)).toBe(false)
})

test('twin: another site, another port, a sandbox and a sister host are refused', () => {
  expect(safe.isOurs('https://evil.test', undefined)).toBe(false)
  expect(safe.isOurs('https://quits.test.evil.test', undefined)).toBe(false)
  expect(local.isOurs('http://localhost:8081', 'same-site')).toBe(false)
  expect(safe.isOurs('null', 'cross-site')).toBe(false)
  expect(safe.isOurs(undefined, 'same-site')).toBe(false)
})
