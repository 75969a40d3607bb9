import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import type { Duplex } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { makeLog } from '@quits/kit/log'
import { makeFarTrunks } from '@quits/kit/trunk-far'
import { afterEach, expect, test, vi } from 'vitest'
import { listen, startSurroundings } from './test-front-door.ts'

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop()
})

const main = fileURLToPath(new URL('main.ts', import.meta.url))
const bound = { timeout: 20_000, interval: 25 }

const freePort = async () => {
  const server = createServer()
  const port = await listen(server)
  server.close()
  await once(server, 'close')
  return port
}

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** The real process, with a notifier that echoes what it gets. */
const startProxy = async (env: Record<string, string> = {}) => {
  const upstream: Duplex[] = []
  const notifier = createServer()
  const trunks = makeFarTrunks({
    log: makeLog({ service: 'test', level: 'silent' }),
    onUpgrade(_request, socket) {
      upstream.push(socket)
      socket.on('error', () => socket.destroy())
      socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n')
      socket.write('Connection: Upgrade\r\n\r\n')
      socket.pipe(socket)
    },
  })
  notifier.on('upgrade', trunks.onUpgrade)
  const around = await startSurroundings({ notifier })
  const port = await freePort()
  const metricsPort = await freePort()
  const child: ChildProcess = spawn(process.execPath, [main], {
    env: {
      ...process.env,
      ...around.env,
      HTTP_PORT: String(port),
      METRICS_PORT: String(metricsPort),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  const workers: number[] = []
  if (child.stdout !== null) {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const { msg, pid } = JSON.parse(line) as { msg?: string; pid?: number }
      if (msg === 'worker started' && pid !== undefined) workers.push(pid)
    })
  }
  stops.push(async () => {
    child.kill('SIGKILL')
    await exited
    for (const socket of upstream) socket.destroy()
    await around.stop()
  })
  const ask = async (path: string) => fetch(`http://127.0.0.1:${metricsPort}${path}`)
  const metric = async (name: string) => {
    const text = await (await ask('/metrics')).text()
    const lines = text.split('\n').filter((line) => line.startsWith(name))
    return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
  }
  return {
    child,
    exited,
    workers,
    upstream,
    url: `http://127.0.0.1:${port}`,
    ask,
    metric,
    serving: (count: number) =>
      vi.waitFor(async () => expect(await metric('quits_proxy_workers')).toBe(count), bound),
    async open(count: number) {
      const sockets = Array.from({ length: count }, () => connect(port, '127.0.0.1'))
      await Promise.all(sockets.map(upgraded))
      return sockets
    },
  }
}

const hello =
  'GET /v1/feed HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'

const upgraded = async (socket: Socket) => {
  socket.on('error', () => socket.destroy())
  socket.write(hello)
  const [bytes] = (await once(socket, 'data')) as [Buffer]
  expect(bytes.toString('latin1')).toContain('HTTP/1.1 101')
}

/** Everything that comes until the end. */
const rest = async (socket: Socket) => {
  let text = ''
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    text += chunk
  })
  await once(socket, 'close')
  return text
}

test('two workers share a port; figures are the sums, and both take sockets', async () => {
  const proxy = await startProxy({ WORKERS: '2' })
  await proxy.serving(2)
  expect((await proxy.ask('/readyz')).status).toBe(200)
  const sockets = await proxy.open(60)
  await vi.waitFor(async () => expect(await proxy.metric('quits_proxy_upgrades')).toBe(60), bound)
  const requests = Array.from({ length: 10 }, () => fetch(`${proxy.url}/v1/debts`))
  for (const answer of await Promise.all(requests)) expect(answer.status).toBe(200)
  expect(await proxy.metric('quits_proxy_requests_total')).toBe(10)

  // Whoever loses one worker loses its sockets and no other; somebody else takes its seat.
  const [victim = 0] = proxy.workers
  process.kill(victim, 'SIGKILL')
  await vi.waitFor(async () => {
    expect(sockets.some((socket) => socket.destroyed)).toBe(true)
    expect((await proxy.ask('/readyz')).status).toBe(200)
  }, bound)
  expect(sockets.some((socket) => !socket.destroyed)).toBe(true)
  await vi.waitFor(() => expect(proxy.workers).toHaveLength(3), bound)
  await proxy.serving(2)
  const left = sockets.filter((socket) => !socket.destroyed)
  expect(await proxy.metric('quits_proxy_upgrades')).toBe(left.length)
  for (const socket of [...left, ...(await proxy.open(5))]) socket.destroy()
})

test('what the notifier says last reaches every client, and SIGTERM ends every process', async () => {
  const proxy = await startProxy({ WORKERS: '2' })
  await proxy.serving(2)
  const sockets = await proxy.open(40)
  const bye = `bye ${'x'.repeat(2_000)}`
  const heard = Promise.all(sockets.map(rest))
  await vi.waitFor(() => expect(proxy.upstream).toHaveLength(40))
  for (const socket of proxy.upstream.slice(0, 20)) socket.end(bye)
  const ended = () => sockets.filter((socket) => socket.destroyed)
  await vi.waitFor(() => expect(ended()).toHaveLength(20), bound)
  proxy.child.kill('SIGTERM')
  expect(await proxy.exited).toEqual([0, null])
  expect(proxy.workers.filter(isAlive)).toEqual([])
  const texts = await heard
  expect(texts.filter((text) => text === bye)).toHaveLength(20)
  expect(texts.filter((text) => text === '')).toHaveLength(20)
})

test('without their keeper workers end', async () => {
  const proxy = await startProxy({ WORKERS: '2' })
  await proxy.serving(2)
  proxy.child.kill('SIGKILL')
  await vi.waitFor(() => expect(proxy.workers.filter(isAlive)).toEqual([]), bound)
  expect(proxy.workers).toHaveLength(2)
})

test('all workers together insure no more than one would', async () => {
  const env = { WORKERS: '2', THROTTLER_ADDRESS: '127.0.0.1:1' }
  const proxy = await startProxy(env)
  await proxy.serving(2)
  // Each on a connection of its own, so that both workers get some.
  const statuses = await Promise.all(
    Array.from({ length: 60 }, async () => {
      const headers = { connection: 'close' }
      const answer = await fetch(`${proxy.url}/v1/auth/login`, { method: 'POST', headers })
      return answer.status
    }),
  )
  expect(statuses.filter((status) => status === 200)).toHaveLength(10)
  expect(statuses.filter((status) => status === 429)).toHaveLength(50)
})

test('one worker is this process alone', async () => {
  const proxy = await startProxy({ WORKERS: '1' })
  await vi.waitFor(async () => expect((await proxy.ask('/readyz')).status).toBe(200), bound)
  const [socket] = await proxy.open(1)
  expect(await proxy.metric('quits_proxy_upgrades')).toBe(1)
  expect(proxy.workers).toEqual([])
  socket?.destroy()
})

test('a port that somebody else has fails the start', async () => {
  const stranger = createServer()
  const taken = await listen(stranger)
  const proxy = await startProxy({ WORKERS: '2', HTTP_PORT: String(taken) })
  expect(await proxy.exited).toEqual([1, null])
  expect(proxy.workers).toEqual([])
  stranger.close()
})
