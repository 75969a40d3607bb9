import { once } from 'node:events'
import {
  Agent,
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import httpProxy from 'http-proxy'
import { afterEach, expect, test, vi } from 'vitest'
import { allowed, denied, listen, startFrontDoor } from './test-front-door.ts'

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop()
})
const frontDoor = async (options: Parameters<typeof startFrontDoor>[0] = {}) => {
  const door = await startFrontDoor(options)
  stops.push(door.stop)
  return door
}
type Handler = (request: IncomingMessage, response: ServerResponse) => void
/** A service that remembers what reached it. */
const remembering = (handler: Handler = (_request, response) => void response.end('ok')) => {
  const seen: IncomingMessage[] = []
  const expenses: Handler = (request, response) => {
    seen.push(request)
    handler(request, response)
  }
  return { expenses, seen }
}

test('a request reaches its service, with its body, and the answer comes back with its limits', async () => {
  const { expenses, seen } = remembering((request, response) => {
    response.setHeader('etag', '"1"').setHeader('x-powered-by', 'x').writeHead(201)
    request.pipe(response)
  })
  const door = await frontDoor({ expenses })
  const response = await fetch(`${door.url}/v1/debts?limit=2&q=%2F..`, {
    method: 'POST',
    body: '{"a":1}',
    headers: { authorization: 'Bearer t', 'idempotency-key': 'k' },
  })
  expect(response.status).toBe(201)
  expect(await response.text()).toBe('{"a":1}')
  expect(response.headers.get('etag')).toBe('"1"')
  expect(response.headers.get('x-powered-by')).toBeNull()
  expect(response.headers.get('ratelimit')).toBe('"test";r=59;t=1')
  expect(response.headers.get('ratelimit-policy')).toBe('"test";q=60;w=60')
  expect(seen[0]?.url).toBe('/v1/debts?limit=2&q=%2F..')
  expect(seen[0]?.headers['x-request-id']).toBe(response.headers.get('x-request-id'))
  expect(door.throttler.asked[0]).toEqual({
    token: 't',
    address: '127.0.0.1',
    routeClass: 'api',
    cost: 0,
  })
})

test('paths under the feed and notifications go to the notifier', async () => {
  const door = await frontDoor()
  const textOf = async (path: string) => (await fetch(door.url + path)).text()
  expect(await textOf('/v1/notifications')).toBe('feed')
  expect(await textOf('/v1/feed/tickets')).toBe('feed')
  expect(await textOf('/v1/summary')).toBe('ok')
})

test('nobody outside can say who they are or where they come from', async () => {
  const { expenses, seen } = remembering()
  const door = await frontDoor({ expenses })
  const forged = {
    'x-forwarded-for': '6.6.6.6',
    'x-forwarded-host': 'evil.test',
    'x-user-id': 'forged',
    'X-User-Role': 'forged',
    x_user_id: 'forged',
    forwarded: 'for=6.6.6.6',
    'x-real-ip': '6.6.6.6',
    'x-request-id': 'forged',
  }
  await fetch(`${door.url}/v1/debts`, { headers: forged })
  const headers = seen[0]?.headers ?? {}
  expect(headers['x-forwarded-for']).toBe('127.0.0.1')
  expect(headers['x-forwarded-proto']).toBe('http')
  expect(Object.values(headers).join()).not.toMatch(/6\.6\.6\.6|evil|forged/)
  expect(door.throttler.asked[0]?.address).toBe('127.0.0.1')
})

test('a thousand invented addresses are one caller, unless a proxy of ours stands in front', async () => {
  const door = await frontDoor()
  const trusting = await frontDoor({ env: { TRUSTED_HOPS: '1' } })
  for (let last = 1; last <= 20; last += 1) {
    const headers = { 'x-forwarded-for': `198.51.100.${last}` }
    await fetch(`${door.url}/v1/debts`, { headers })
    await fetch(`${trusting.url}/v1/debts`, { headers })
  }
  expect(new Set(door.throttler.asked.map(({ address }) => address)).size).toBe(1)
  expect(new Set(trusting.throttler.asked.map(({ address }) => address)).size).toBe(20)
})

test('a refused request is a problem document and never reaches a service', async () => {
  const { expenses, seen } = remembering()
  const door = await frontDoor({ expenses, decide: () => denied })
  const response = await fetch(`${door.url}/v1/debts`)
  expect(response.status).toBe(429)
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  expect(response.headers.get('retry-after')).toBe('2')
  expect(response.headers.get('ratelimit')).toBe('"test";r=0;t=1')
  expect(await response.json()).toMatchObject({ code: 'too_many_requests', status: 429 })
  expect(seen).toEqual([])
})

test('while the throttler is gone the insurance answers, and sign-in stays strict', async () => {
  const door = await frontDoor({ env: { THROTTLER_ADDRESS: '127.0.0.1:1' } })
  const statuses = []
  for (let asked = 0; asked < 12; asked += 1) {
    const response = await fetch(`${door.url}/v1/auth/login`, { method: 'POST', body: '{}' })
    statuses.push(response.status)
  }
  expect(statuses).toEqual([...Array<number>(10).fill(200), 429, 429])
  expect((await fetch(`${door.url}/v1/debts`)).status).toBe(200)
  expect(await door.metric('quits_proxy_degraded_total{class="sign-in"')).toBe(12)
})

test('a POST is sent once, whatever becomes of it', async () => {
  const { expenses, seen } = remembering((request) => {
    request.resume().on('end', () => request.socket.destroy())
  })
  const door = await frontDoor({ expenses })
  const response = await fetch(`${door.url}/v1/debts`, { method: 'POST', body: '{}' })
  expect(response.status).toBe(502)
  expect(await response.json()).toMatchObject({ code: 'upstream_unavailable' })
  expect(response.headers.get('retry-after')).toBe('1')
  expect(seen).toHaveLength(1)
})

test('a POST on a kept connection that dies is not repeated either', async () => {
  let die = false
  const { expenses, seen } = remembering((request, response) => {
    if (die) request.socket.destroy()
    else response.end('ok')
  })
  const door = await frontDoor({ expenses })
  await (await fetch(`${door.url}/v1/debts`, { method: 'POST', body: '{}' })).text()
  die = true
  const response = await fetch(`${door.url}/v1/debts`, { method: 'POST', body: '{}' })
  expect(response.status).toBe(502)
  expect(seen).toHaveLength(2)
})

test('a service that is down is 502, one that is silent is 504', async () => {
  const down = await frontDoor({ env: { EXPENSES_URL: 'http://127.0.0.1:1' } })
  expect((await fetch(`${down.url}/v1/debts`)).status).toBe(502)
  const silent = await frontDoor({ expenses: () => {}, env: { UPSTREAM_TIMEOUT_MS: '50' } })
  const response = await fetch(`${silent.url}/v1/debts`)
  expect(response.status).toBe(504)
  expect(await response.json()).toMatchObject({ code: 'upstream_timeout' })
})

test('an answer that breaks off breaks off for the client too, instead of hanging', async () => {
  const door = await frontDoor({
    expenses: (_request, response) => {
      response.writeHead(200, { 'content-length': '1000' })
      response.write('some', () => response.destroy())
    },
  })
  const response = await fetch(`${door.url}/v1/debts`)
  await expect(response.text()).rejects.toThrow('terminated')
  expect(await door.metric('quits_proxy_upstream_errors_total')).toBe(1)
})

/** A service that begins endless answers, or none; it counts what is still open. */
const endless = () => {
  const state = { open: 0, begun: 0 }
  const expenses: Handler = (request, response) => {
    state.open += 1
    state.begun += 1
    response.on('close', () => {
      state.open -= 1
    })
    if (request.url === '/v1/endless') response.writeHead(200).write('x'.repeat(100_000))
  }
  return { state, expenses }
}

/** Asks, and leaves within the answer or, where none comes, before it. */
const visit = async (url: string, begun: () => number) => {
  const request = httpRequest(url, { agent: false })
  request.on('error', () => {})
  const before = begun()
  const answered = once(request, 'response')
  answered.catch(() => {})
  request.end()
  await vi.waitUntil(() => begun() > before, { interval: 1 })
  if (url.endsWith('endless')) {
    const [response] = (await answered) as [IncomingMessage]
    response.on('error', () => {})
  }
  request.destroy()
}

test('three hundred clients that leave, before or within the answer, leave nothing open', async () => {
  const { state, expenses } = endless()
  const door = await frontDoor({ expenses })
  for (let round = 0; round < 150; round += 1) {
    await visit(`${door.url}/v1/endless`, () => state.begun)
    await visit(`${door.url}/v1/silent`, () => state.begun)
  }
  expect(state.begun).toBe(300)
  await vi.waitUntil(() => state.open === 0, { timeout: 10_000 })
  await vi.waitUntil(async () => (await door.metric('quits_proxy_in_flight')) === 0)
})

test('twin: http-proxy as it comes leaves those answers open', async () => {
  const { state, expenses } = endless()
  const service = createServer(expenses)
  const target = `http://127.0.0.1:${await listen(service)}`
  const agent = new Agent({ keepAlive: true })
  const plain = httpProxy.createProxyServer({ target, agent })
  plain.on('error', () => {})
  const door = createServer((request, response) => plain.web(request, response))
  const url = `http://127.0.0.1:${await listen(door)}`
  stops.push(async () => {
    agent.destroy()
    for (const server of [door, service]) {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
  })
  for (let round = 0; round < 10; round += 1) await visit(`${url}/v1/endless`, () => state.begun)
  await vi.waitUntil(async () => (await openSockets(door)) === 0)
  expect(state.open).toBe(10)
})

const openSockets = (server: Server) =>
  new Promise<number>((resolve, reject) => {
    server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)))
  })

test('a body that is too large is refused, stated or not, and a service sees no whole of it', async () => {
  const whole: string[] = []
  const { expenses } = remembering((request, response) => {
    request.resume().on('end', () => {
      whole.push(request.url ?? '')
      response.end('ok')
    })
  })
  const door = await frontDoor({ expenses, env: { BODY_BYTES_MAX: '2048' } })
  const stated = await fetch(`${door.url}/v1/a`, { method: 'POST', body: 'x'.repeat(3_000) })
  expect(stated.status).toBe(413)
  expect(await stated.json()).toMatchObject({ code: 'body_too_large' })

  const request = httpRequest(`${door.url}/v1/b`, { method: 'POST', agent: false })
  const answered = once(request, 'response')
  request.on('error', () => {})
  request.write('x'.repeat(2_000))
  request.write('x'.repeat(2_000))
  const [response] = (await answered) as [IncomingMessage]
  expect(response.statusCode).toBe(413)
  request.destroy()

  const fits = await fetch(`${door.url}/v1/c`, { method: 'POST', body: 'x'.repeat(2_048) })
  expect(fits.status).toBe(200)
  expect(whole).toEqual(['/v1/c'])
})

test('connections to a service are kept and used again', async () => {
  const ports = new Set<number | undefined>()
  const { expenses } = remembering((request, response) => {
    ports.add(request.socket.remotePort)
    response.end('ok')
  })
  const door = await frontDoor({ expenses })
  for (let round = 0; round < 10; round += 1) {
    await (await fetch(`${door.url}/v1/debts`)).text()
  }
  expect(ports.size).toBe(1)
})

test('a method that nobody serves is refused', async () => {
  const door = await frontDoor({ decide: () => allowed })
  expect(
    await door.raw('TRACE /v1/debts HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'),
  ).toContain(' 405 ')
})
