import { expect, test } from 'vitest'
import { clientHeaders, type Facts, upgradeHeaders, upstreamHeaders } from './headers.ts'

const facts: Facts = {
  address: '192.0.2.7',
  proto: 'https',
  publicHost: 'quits.test',
  requestId: 'r1',
}
const rebuilt = {
  'x-forwarded-for': '192.0.2.7',
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'quits.test',
  'x-request-id': 'r1',
}

test('what a client needs passes', () => {
  const incoming = {
    host: 'quits.test',
    authorization: 'Bearer t',
    cookie: 'a=b',
    'content-type': 'application/json',
    'content-length': '2',
    'idempotency-key': 'k',
    'if-match': '"1"',
    origin: 'https://quits.test',
  }
  expect(upstreamHeaders(incoming, facts)).toEqual({ ...incoming, ...rebuilt })
})

test('what only the front door may say is rebuilt or dropped, however it is written', () => {
  const forged = {
    forwarded: 'for=6.6.6.6',
    'x-forwarded-for': '6.6.6.6',
    'x-forwarded-host': 'evil.test',
    'x-forwarded-prefix': '/evil',
    'x-forwarded-user': 'root',
    'x-real-ip': '6.6.6.6',
    'x-request-id': 'forged',
    'x-user-id': '42',
    x_user_id: '42',
    'x-user-role': 'admin',
    'x-original-url': '/v1/admin',
    'x-http-method-override': 'DELETE',
  }
  expect(upstreamHeaders(forged, facts)).toEqual(rebuilt)
})

test('hop-by-hop headers, and those that Connection names, stay here; framing cannot be named away', () => {
  const incoming = {
    connection: 'close, X-Secret, Content-Length',
    'x-secret': '1',
    'content-length': '5',
    'keep-alive': 'timeout=5',
    'proxy-authorization': 'Basic x',
    te: 'trailers',
    trailer: 'x',
    'transfer-encoding': 'chunked',
    upgrade: 'h2c',
    expect: '100-continue',
  }
  expect(upstreamHeaders(incoming, facts)).toEqual({ ...rebuilt, 'content-length': '5' })
})

test('the host that services hear is the public one, whatever the client calls us', () => {
  for (const host of ['evil.test', 'evil.test/<script>', 'quits.test.evil.test:8080']) {
    expect(upstreamHeaders({ host }, facts)['x-forwarded-host']).toBe('quits.test')
  }
})

test('an upgrade keeps its two words and its subprotocol', () => {
  const incoming = {
    connection: 'keep-alive, Upgrade',
    upgrade: 'websocket',
    'sec-websocket-protocol': 'quits.feed.v1',
  }
  expect(upgradeHeaders(incoming, facts)).toEqual({
    ...rebuilt,
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-protocol': 'quits.feed.v1',
  })
})

test('an answer loses its framing and the names of the software', () => {
  const answer = {
    connection: 'keep-alive',
    'keep-alive': 'timeout=65',
    'transfer-encoding': 'chunked',
    'x-powered-by': 'Express',
    server: 'x',
    etag: '"1"',
    'set-cookie': ['a=b', 'c=d'],
  }
  expect(clientHeaders(answer)).toEqual({ etag: '"1"', 'set-cookie': ['a=b', 'c=d'] })
})
