/** For tests: a throttler with all its parts, and an expenses service that knows tokens only. */
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { makeGrpcClient, makeGrpcPart, serve } from '@quits/kit/grpc'
import { makeKafka } from '@quits/kit/kafka'
import { makeLog } from '@quits/kit/log'
import { makeRedis } from '@quits/kit/redis'
import type { Part } from '@quits/kit/run'
import {
  type IdentifiedToken,
  identityContract,
  type RateCheck,
  throttlerContract,
} from '@quits/proto/grpc'
import { makeApp } from './app.ts'
import { readConfig } from './config.ts'
import { makeTestTokens } from './test-tokens.ts'

export const log = makeLog({ service: 'test', level: 'silent' })
const local = '127.0.0.1'
const nobody: IdentifiedToken = {
  known: false,
  userId: '',
  activated: false,
  sessionId: '',
  expiresAtMs: '0',
  role: '',
}

const started = (parts: Part[]) => {
  const stop = new AbortController()
  const running = parts.map((part) => part.run(stop.signal))
  return async () => {
    stop.abort()
    await Promise.all(running)
  }
}

/** Serves Identify and the keys; `newToken` signs somebody in. */
export const startFakeExpenses = async () => {
  const tokens = await makeTestTokens()
  const people = new Map<string, IdentifiedToken>()
  let asked = 0
  const grpc = makeGrpcPart({
    host: local,
    port: 0,
    log,
    services: [
      serve(identityContract, {
        async Identify({ tokens }) {
          asked += tokens.length
          return { identities: tokens.map((token) => people.get(token) ?? nobody) }
        },
      }),
    ],
  })
  const stopGrpc = started([grpc])
  const http = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json').end(JSON.stringify(tokens.jwks))
  })
  await new Promise<void>((resolve) => {
    http.listen(0, local, resolve)
  })

  const change = (token: string, over: Partial<IdentifiedToken>) => {
    people.set(token, { ...(people.get(token) ?? nobody), ...over })
  }
  return {
    address: `${local}:${await grpc.listening}`,
    jwksUrl: `http://${local}:${(http.address() as AddressInfo).port}/`,
    asked: () => asked,
    async newToken({ activated }: { activated: boolean }) {
      const userId = randomUUID()
      const sessionId = randomUUID()
      const token = await tokens.sign({ userId, sessionId })
      const expiresAtMs = String(Date.now() + 900_000)
      people.set(token, { known: true, userId, activated, sessionId, expiresAtMs, role: 'user' })
      return { token, userId, sessionId }
    },
    revoke: (token: string) => change(token, { known: false }),
    activate: (token: string) => change(token, { activated: true }),
    async stop() {
      await stopGrpc()
      http.closeAllConnections()
      await new Promise((resolve) => http.close(resolve))
    },
  }
}

/** A running throttler. `redisUrl` and `identityAddress` may point at nothing. */
export const startThrottler = async (options: {
  prefix: string
  policyFile: string
  expenses: { address: string; jwksUrl: string }
  redisUrl?: string
}) => {
  const redisUrl = options.redisUrl ?? process.env['REDIS_URL'] ?? ''
  const config = readConfig({
    HTTP_PORT: '0',
    GRPC_PORT: '0',
    METRICS_PORT: '0',
    REDIS_URL: redisUrl,
    KAFKA_URL: process.env['KAFKA_URL'],
    IDENTITY_ADDRESS: options.expenses.address,
    JWKS_URL: options.expenses.jwksUrl,
    POLICY_FILE: options.policyFile,
    BROKER_PREFIX: options.prefix,
  })
  const redis = makeRedis({ url: redisUrl, name: 'test', log })
  const identityClient = makeGrpcClient({
    contract: identityContract,
    address: config.IDENTITY_ADDRESS,
  })
  const kafka = makeKafka({ brokers: config.KAFKA_URL, clientId: 'test', log })
  const app = makeApp({ config, log, redis, kafka, identityClient })
  const stopParts = started(app.parts)
  const client = makeGrpcClient({
    contract: throttlerContract,
    address: `${local}:${await app.grpc.listening}`,
  })
  const internal = `http://${local}:${await app.internal.listening}`

  const metricsText = async () => (await fetch(`${internal}/metrics`)).text()
  const metric = async (name: string) => {
    const line = (await metricsText()).split('\n').find((text) => text.startsWith(name))
    return Number(line?.split(' ').at(-1) ?? Number.NaN)
  }
  const checkMany = async (count: number, over: Partial<RateCheck>) => {
    const check = { token: '', address: '203.0.113.1', routeClass: 'api', cost: 0, ...over }
    const decisions = []
    for (let left = count; left > 0; left -= 200) {
      const checks = Array.from({ length: Math.min(left, 200) }, () => check)
      const answer = await client.call('Check', { checks }, { deadlineMs: 5_000 })
      decisions.push(...answer.decisions)
    }
    return decisions
  }
  return {
    app,
    redis,
    internal,
    http: `http://${local}:${await app.http.listening}`,
    metric,
    reloads: (outcome: string) =>
      metric(`quits_throttler_policy_reloads_total{outcome="${outcome}"`),
    checkMany,
    async check(over: Partial<RateCheck>) {
      const [decision] = await checkMany(1, over)
      if (decision === undefined) throw new Error('no decision')
      return decision
    },
    async stop() {
      client.close()
      await stopParts()
      identityClient.close()
      redis.disconnect()
    },
  }
}
