// Shapes of requests that two readers could read differently, over raw TCP. Each must be refused,
// and nothing hidden in it may reach a service as a request of its own.
import { Agent, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import httpProxy from 'http-proxy'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { listen, rawAnswer, startFrontDoor } from './test-front-door.ts'

const seen: string[] = []
const offered: (string | string[] | undefined)[] = []
let door: Awaited<ReturnType<typeof startFrontDoor>>

beforeAll(async () => {
  door = await startFrontDoor({
    expenses: (request, response) => {
      seen.push(`${request.method} ${request.url}`)
      offered.push(request.headers.upgrade, request.headers['http2-settings'])
      request.resume().on('end', () => response.end('ok'))
    },
  })
})
afterAll(() => door.stop())

const close = 'Connection: close\r\n'
const hidden = 'GET /v1/hidden HTTP/1.1\r\nHost: x\r\n\r\n'
const post = (headers: string, body = '') =>
  `POST /v1/open HTTP/1.1\r\nHost: x\r\n${headers}\r\n${body}`
const get = (target: string, headers = '') => `GET ${target} HTTP/1.1\r\nHost: x\r\n${headers}\r\n`
const inChunks = `${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`
const withChunks = (method: string) =>
  `${method} /v1/open HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${inChunks}`
const chunked = `0\r\n\r\n${hidden}`

test('an honest request of each kind passes', async () => {
  seen.length = 0
  expect(await door.raw(get('/v1/open', close))).toContain('HTTP/1.1 200')
  expect(await door.raw(post(`Content-Length: 2\r\n${close}`, '{}'))).toContain('HTTP/1.1 200')
  const chunks = post(`Transfer-Encoding: chunked\r\n${close}`, '2\r\n{}\r\n0\r\n\r\n')
  expect(await door.raw(chunks)).toContain('HTTP/1.1 200')
  expect(seen).toEqual(['GET /v1/open', 'POST /v1/open', 'POST /v1/open'])
})

test('another protocol that a client offers is left aside, and nothing of the offer goes on', async () => {
  offered.length = 0
  const offer = 'Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n'
  const open = get('/v1/open', `Connection: Upgrade, HTTP2-Settings, close\r\n${offer}`)
  expect(await door.raw(open)).toContain('HTTP/1.1 200')
  expect(offered).toEqual([undefined, undefined])
})

test('two honest requests on one connection stay two', async () => {
  seen.length = 0
  const answer = await door.raw(get('/v1/one') + get('/v1/two', close))
  expect(answer.match(/HTTP\/1\.1 200/g)).toHaveLength(2)
  expect(seen).toEqual(['GET /v1/one', 'GET /v1/two'])
})

test.each<[string, string]>([
  ['length and chunks', post('Content-Length: 4\r\nTransfer-Encoding: chunked\r\n', chunked)],
  ['chunks and length', post('Transfer-Encoding: chunked\r\nContent-Length: 4\r\n', chunked)],
  ['two lengths', post(`Content-Length: 0\r\nContent-Length: ${hidden.length}\r\n`, hidden)],
  ['a list of lengths', post(`Content-Length: 0, ${hidden.length}\r\n`, hidden)],
  ['a signed length', post('Content-Length: +0\r\n', hidden)],
  ['a negative length', post('Content-Length: -1\r\n', hidden)],
  ['a hexadecimal length', post('Content-Length: 0x10\r\n', hidden)],
  ['an endless length', post(`Content-Length: ${'9'.repeat(30)}\r\n`)],
  ['a coding that is not chunked', post('Transfer-Encoding: xchunked\r\n', chunked)],
  ['chunked not last', post('Transfer-Encoding: chunked, identity\r\n', chunked)],
  ['chunked twice', post('Transfer-Encoding: chunked, chunked\r\n', chunked)],
  ['two codings', post('Transfer-Encoding: gzip, chunked\r\n', chunked)],
  ['two coding headers', post('Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n', chunked)],
  ['a space before the colon', post('Transfer-Encoding : chunked\r\n', chunked)],
  ['a control character in the coding', post('Transfer-Encoding: \x0bchunked\r\n', chunked)],
  ['a folded header', post('X: 1\r\n Transfer-Encoding: chunked\r\n', chunked)],
  ['a bare line feed', `POST /v1/open HTTP/1.1\nHost: x\nContent-Length: 0\n\n${hidden}`],
  ['a bare carriage return', post('X: 1\rTransfer-Encoding: chunked\r\n', chunked)],
  ['a chunk size that is none', post('Transfer-Encoding: chunked\r\n', `zz\r\n${chunked}`)],
  ['a NUL in a header', post('X: a\0b\r\n')],
  ['a body on GET', `${get('/v1/open', `Content-Length: ${hidden.length}\r\n`)}${hidden}`],
  ['chunks on GET', `${get('/v1/open', 'Transfer-Encoding: chunked\r\n')}${chunked}`],
  ['a body on DELETE', `DELETE /v1/open HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n${hidden}`],
  ['a request in the chunks of DELETE', withChunks('DELETE')],
  ['a request in the chunks of OPTIONS', withChunks('OPTIONS')],
  ['two hosts', get('/v1/open', 'Host: y\r\n')],
  ['no host', 'GET /v1/open HTTP/1.1\r\n\r\n'],
  ['an absolute target', get('http://other.test/v1/open')],
  ['a target of another scheme', get('file:///etc/passwd')],
  ['dots in the path', get('/v1/open/../hidden')],
  ['encoded dots', get('/v1/%2e%2e/hidden')],
  ['an encoded slash', get('/v1/auth%2flogin')],
  ['an encoded line break', get('/v1/open%0d%0aGET%20/v1/hidden')],
  ['a NUL in the path', get('/v1/open%00')],
  ['a space in the path', get('/v1/open /v1/hidden')],
  ['two slashes', get('//v1/open')],
  ['a backslash', get('/v1\\open')],
  ['a fragment', get('/v1/open#x')],
  ['no path', get('*')],
  ['a version that is none', 'GET /v1/open HTTP/9.9\r\nHost: x\r\n\r\n'],
  ['an unknown method', 'HACK /v1/open HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['a tunnel', 'CONNECT other.test:443 HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['a WebSocket elsewhere', get('/v1/open', 'Connection: Upgrade\r\nUpgrade: websocket\r\n')],
])('%s is refused', async (_name, bytes) => {
  seen.length = 0
  const answer = await door.raw(bytes)
  expect(answer).not.toMatch(/HTTP\/1\.1 [123]/)
  expect(seen).toEqual([])
})

test('twin: http-proxy as it comes lets a request through that is hidden in the chunks of DELETE', async () => {
  seen.length = 0
  const target = `http://127.0.0.1:${(door.expenses.address() as AddressInfo).port}`
  const agent = new Agent({ keepAlive: true })
  const plain = httpProxy.createProxyServer({ target, agent })
  plain.on('error', () => {})
  const naive = createServer((request, response) => plain.web(request, response))
  const answered = rawAnswer(await listen(naive), withChunks('DELETE'))
  await vi.waitUntil(() => seen.includes('GET /v1/hidden'))
  expect(seen[0]).toBe('DELETE /v1/open')
  agent.destroy()
  naive.closeAllConnections()
  naive.close()
  await answered
})
