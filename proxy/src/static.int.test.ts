import { mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { denied, startFrontDoor } from './test-front-door.ts'

const page = '<!doctype html><title>Quits</title>'
const script = `console.log(${JSON.stringify('quits '.repeat(500))})`
const html = { accept: 'text/html,application/xhtml+xml' }
let door: Awaited<ReturnType<typeof startFrontDoor>>

const put = async (path: string, text: string) => writeFile(join(door.webRoot, path), text)

beforeAll(async () => {
  door = await startFrontDoor()
})
afterAll(() => door.stop())

test('before the app is built its pages say so, and after that they are there', async () => {
  const early = await fetch(door.url, { headers: html })
  expect(early.status).toBe(503)
  expect(await early.json()).toMatchObject({ code: 'web_app_missing' })

  await mkdir(join(door.webRoot, 'assets'), { recursive: true })
  await put('index.html', page)
  await put('assets/index-Ab3_dE9x.js', script)
  await put('sw.js', 'self')
  await put('.env', 'SECRET=1')
  await writeFile(join(door.webRoot, '..', 'secret.txt'), 'secret')
  await symlink('../secret.txt', join(door.webRoot, 'link.txt'))
  const response = await fetch(door.url, { headers: html })
  expect(response.status).toBe(200)
  expect(await response.text()).toBe(page)
})

test('the page is always asked for again, hashed files never, and both are recognised', async () => {
  const index = await fetch(door.url)
  expect(index.headers.get('cache-control')).toBe('no-cache')
  const asset = await fetch(`${door.url}/assets/index-Ab3_dE9x.js`)
  expect(asset.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
  expect(asset.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
  expect((await fetch(`${door.url}/sw.js`)).headers.get('cache-control')).toBe('no-cache')
  const etag = index.headers.get('etag') ?? ''
  const again = await fetch(door.url, { headers: { 'if-none-match': etag } })
  expect(again.status).toBe(304)
  expect(await again.text()).toBe('')
})

test('a changed page is served as it is now', async () => {
  await put('index.html', `${page}<p>new</p>`)
  expect(await (await fetch(door.url)).text()).toContain('new')
})

test('files are packed for those who can unpack', async () => {
  const raw = (coding: string) =>
    door.raw(
      `GET /assets/index-Ab3_dE9x.js HTTP/1.1\r\nHost: x\r\nAccept-Encoding: ${coding}\r\nConnection: close\r\n\r\n`,
    )
  const packed = await raw('br, gzip;q=0.8')
  const [head = '', ...body] = packed.split('\r\n\r\n')
  expect(head.toLowerCase()).toContain('content-encoding: gzip')
  expect(head.toLowerCase()).toContain('vary: accept-encoding')
  expect(gunzipSync(Buffer.from(body.join('\r\n\r\n'), 'latin1')).toString()).toBe(script)
  expect((await raw('gzip;q=0')).toLowerCase()).not.toContain('content-encoding')
})

test('any address of the app opens the page, but a missing script is missing', async () => {
  const deep = await fetch(`${door.url}/debts/0192-x`, { headers: html })
  expect(deep.status).toBe(200)
  expect(deep.headers.get('content-type')).toContain('text/html')
  for (const path of ['/assets/gone-Ab3_dE9x.js', '/gone.png']) {
    expect((await fetch(door.url + path)).status).toBe(404)
  }
  expect((await fetch(`${door.url}/assets/gone.js`, { headers: html })).status).toBe(404)
})

test.each([
  '/../secret.txt',
  '/assets/../../secret.txt',
  '/%2e%2e/secret.txt',
  '/..%2fsecret.txt',
  '/assets/..%5c..%5csecret.txt',
  '//secret.txt',
  '/link.txt',
  '/.env',
  '/assets/%00/../../secret.txt',
])('nothing outside the app is read by %s', async (path) => {
  const answer = await door.raw(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
  expect(answer).toMatch(/HTTP\/1\.1 40[04]/)
  expect(answer).not.toMatch(/secret$|SECRET/)
})

test('pages come with headers that keep others out', async () => {
  const { headers } = await fetch(door.url)
  const policy = headers.get('content-security-policy') ?? ''
  expect(policy).toContain("default-src 'self'")
  expect(policy).toContain("connect-src 'self' ws://quits.test:8080 wss://quits.test:8080")
  expect(policy).toContain("frame-ancestors 'none'")
  expect(policy).not.toContain('unsafe')
  expect(headers.get('x-content-type-options')).toBe('nosniff')
  expect(headers.get('referrer-policy')).toBe('same-origin')
  expect(headers.get('cross-origin-opener-policy')).toBe('same-origin')
})

test('HEAD tells what GET would give, and other methods are refused', async () => {
  const head = await fetch(`${door.url}/assets/index-Ab3_dE9x.js`, { method: 'HEAD' })
  expect(head.status).toBe(200)
  expect(await head.text()).toBe('')
  expect((await fetch(`${door.url}/index.html`, { method: 'POST' })).status).toBe(405)
})

test('files have a limit of their own', async () => {
  const limited = await startFrontDoor({ decide: () => denied })
  const response = await fetch(`${limited.url}/`)
  expect(response.status).toBe(429)
  expect(limited.throttler.asked[0]?.routeClass).toBe('static')
  await limited.stop()
})

test('when the built app goes away again, pages say so', async () => {
  await rm(door.webRoot, { recursive: true })
  expect((await fetch(door.url, { headers: html })).status).toBe(503)
})
