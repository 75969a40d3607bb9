/** For tests: a front door with services and a throttler in this process, and a raw client. */
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type RequestListener, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeGrpcClient, makeGrpcPart, serve } from '@quits/kit/grpc'
import { makeLog } from '@quits/kit/log'
import type { Part } from '@quits/kit/run'
import {
  type CheckRequest,
  type RateCheck,
  type RateDecision,
  throttlerContract,
} from '@quits/proto/grpc'
import { makeApp } from './app.ts'
import { readConfig } from './config.ts'

const local = '127.0.0.1'
const log = makeLog({ service: 'test', level: 'silent' })

export const allowed: RateDecision = {
  allowed: true,
  tier: 'anonymous',
  policy: 'test',
  capacity: 60,
  windowSeconds: 60,
  remaining: 59,
  resetSeconds: 1,
  retryAfterMs: 0,
  degraded: false,
}
export const denied = { ...allowed, allowed: false, remaining: 0, retryAfterMs: 1_500 }

const started = (parts: Part[]) => {
  const stop = new AbortController()
  const running = parts.map((part) => part.run(stop.signal))
  return async () => {
    stop.abort()
    await Promise.all(running)
  }
}

export const listen = async (server: Server) => {
  server.listen(0, local)
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

/** A throttler that answers by `decide`; it remembers what it was asked. */
const startThrottler = async (decide: (check: RateCheck) => RateDecision) => {
  const asked: RateCheck[] = []
  const answer = async ({ checks }: CheckRequest) => {
    asked.push(...checks)
    return { decisions: checks.map(decide) }
  }
  const grpc = makeGrpcPart({
    host: local,
    port: 0,
    log,
    services: [serve(throttlerContract, { Check: answer, Checks: answer })],
  })
  const stop = started([grpc])
  return { address: `${local}:${await grpc.listening}`, asked, stop }
}

interface Around {
  expenses?: RequestListener
  notifier?: Server
  decide?: (check: RateCheck) => RateDecision
}

/** What a front door talks to, and the environment that tells it so. */
export const startSurroundings = async (options: Around = {}) => {
  const directory = await mkdtemp(join(tmpdir(), 'quits-proxy-'))
  const webRoot = join(directory, 'dist')
  const expenses = createServer(options.expenses ?? ((_request, response) => response.end('ok')))
  const notifier = options.notifier ?? createServer((_request, response) => response.end('feed'))
  const throttler = await startThrottler(options.decide ?? (() => allowed))
  const env = {
    HTTP_PORT: '0',
    METRICS_PORT: '0',
    THROTTLER_ADDRESS: throttler.address,
    EXPENSES_URL: `http://${local}:${await listen(expenses)}`,
    NOTIFIER_URL: `http://${local}:${await listen(notifier)}`,
    WEB_ROOT: webRoot,
    PUBLIC_URL: 'http://quits.test:8080',
    GATE_DEADLINE_MS: '1000',
    WORKERS: '1',
  }
  return {
    env,
    webRoot,
    expenses,
    notifier,
    throttler,
    async stop() {
      await throttler.stop()
      for (const server of [expenses, notifier]) {
        server.closeAllConnections()
        server.close()
      }
      await rm(directory, { recursive: true })
    },
  }
}

/** A running front door; whatever is not given answers 200 or allows. */
export const startFrontDoor = async (options: Around & { env?: Record<string, string> } = {}) => {
  const around = await startSurroundings(options)
  const config = readConfig({ ...around.env, ...options.env })
  const client = makeGrpcClient({
    contract: throttlerContract,
    address: config.THROTTLER_ADDRESS,
  })
  const app = makeApp({ config, log, throttler: client })
  const stopParts = started([app.internal, ...app.parts])
  const port = await app.http.listening
  const internal = `http://${local}:${await app.internal.listening}`

  return {
    url: `http://${local}:${port}`,
    port,
    ...around,
    raw: (text: string) => rawAnswer(port, text),
    async metric(name: string) {
      const text = await (await fetch(`${internal}/metrics`)).text()
      const line = text.split('\n').find((line) => line.startsWith(name))
      return Number(line?.split(' ').at(-1) ?? 0)
    },
    async stop() {
      await stopParts()
      client.close()
      await around.stop()
    },
  }
}

/** Sends bytes over TCP, and returns all that came until the other side closed. */
export const rawAnswer = async (port: number, text: string): Promise<string> => {
  const socket = connect(port, local)
  socket.on('error', () => socket.destroy())
  let answer = ''
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    answer += chunk
  })
  // Not ended: node gives up on a client that closes its half while an answer is under way.
  socket.write(text, 'latin1')
  await once(socket, 'close')
  return answer
}
