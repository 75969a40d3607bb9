import { expect, test } from 'vitest'
import { routeOf } from './routes-table.ts'

test.each([
  ['GET', '/v1/debts', 'expenses', 'api'],
  ['POST', '/v1/debts/1/transactions', 'expenses', 'api'],
  ['GET', '/v1', 'expenses', 'api'],
  ['GET', '/.well-known/jwks.json', 'expenses', 'api'],
  ['GET', '/openapi.json', 'expenses', 'api'],
  ['GET', '/v1/feed', 'notifier', 'feed'],
  ['POST', '/v1/feed/tickets', 'notifier', 'feed'],
  ['GET', '/v1/notifications', 'notifier', 'api'],
  ['PUT', '/v1/notifications/preferences', 'notifier', 'api'],
  ['GET', '/', 'web', 'static'],
  ['GET', '/debts/1', 'web', 'static'],
  ['GET', '/v1x', 'web', 'static'],
  ['GET', '/v1/feeder', 'expenses', 'api'],
])('%s %s goes to %s as %s', (method, path, target, routeClass) => {
  expect(routeOf(method, path)).toEqual({ target, routeClass })
})

test('an event stream is told from what ends', () => {
  expect(routeOf('GET', '/v1/Feed/stream/')).toMatchObject({ target: 'notifier', lasts: true })
})

test.each([
  ['POST', '/v1/users'],
  ['POST', '/v1/auth/login'],
  ['POST', '/v1/auth/codes'],
  ['POST', '/v1/auth/codes/verify'],
  ['PUT', '/v1/users/me/password'],
  ['POST', '/V1/Auth/LOGIN'],
  ['POST', '/v1/auth/login/'],
  ['POST', '/v1/users//'],
  ['POST', '/v1/auth/a-way-to-come'],
])('%s %s can be used to guess, so it is limited as sign-in', (method, path) => {
  expect(routeOf(method, path)).toEqual({ target: 'expenses', routeClass: 'sign-in' })
})

test.each([
  ['POST', '/v1/auth/refresh'],
  ['POST', '/v1/auth/logout'],
  ['GET', '/v1/auth/me'],
  ['DELETE', '/v1/auth/sessions/1'],
  ['GET', '/v1/users/me'],
])('%s %s is daily use', (method, path) => {
  expect(routeOf(method, path).routeClass).toBe('api')
})
