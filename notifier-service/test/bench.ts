/**
 * A notifier on real servers, with names of its own on each: topics, database, Redis keys. Who a
 * token belongs to is answered by a gRPC server of this process; a token is `<userId>.<sessionId>`.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { makeGrpcPart, serve } from '@quits/kit/grpc'
import { type KafkaPort, makeKafka, type TopicShape } from '@quits/kit/kafka'
import { makeLog } from '@quits/kit/log'
import type { Part } from '@quits/kit/run'
import { topicNames } from '@quits/proto/cloud-event'
import { identityContract } from '@quits/proto/grpc'
import { MongoClient } from 'mongodb'
import { makeApp } from '../src/app.ts'
import { readConfig } from '../src/config.ts'
import { openClient } from './feed-client.ts'

export const log = makeLog({ service: 'notifier-test', level: process.env.LOG_LEVEL ?? 'silent' })

export const need = (name: string): string => {
  const value = process.env[name]
  if (value === undefined) throw new Error(`${name} is not set`)
  return value
}

/** The test MongoDB's URL with another database in its path. */
export const mongoUrl = (database: string, url: string = need('MONGO_URL')): string => {
  const [, servers = '', query = ''] = /^([^/]+:\/\/[^/?]+)[^?]*(\?.*)?$/.exec(url) ?? []
  return `${servers}/${database}${query}`
}

/** Runs parts until `stop`, in the order and the reverse order that `kit/run` would. */
export const runParts = (parts: Part[]) => {
  const running = parts.map((part) => {
    const stopper = new AbortController()
    return { stopper, done: part.run(stopper.signal) }
  })
  return async () => {
    for (const { stopper, done } of running.toReversed()) {
      stopper.abort()
      await done
    }
  }
}

export interface Person {
  userId: string
  sessionId: string
  token: string
}
export const makePerson = (userId: string = randomUUID()): Person => {
  const sessionId = randomUUID()
  return { userId, sessionId, token: `${userId}.${sessionId}` }
}

/** The authority on tokens; `ended` sessions are unknown, `lifeMs` is what a token has left. */
const startIdentity = async () => {
  const ended = new Set<string>()
  const state = { asked: 0, lifeMs: 900_000 }
  const handlers = {
    async Identify({ tokens }: { tokens: string[] }) {
      state.asked += 1
      const identities = tokens.map((token) => {
        const [userId = '', sessionId = ''] = token.split('.')
        const known = sessionId !== '' && !ended.has(sessionId)
        const expiresAtMs = String(Date.now() + state.lifeMs)
        return { known, userId, sessionId, activated: true, role: 'user', expiresAtMs }
      })
      return { identities }
    },
  }
  const services = [serve(identityContract, handlers)]
  const part = makeGrpcPart({ host: '127.0.0.1', port: 0, services, log })
  const stop = runParts([part])
  return { address: `127.0.0.1:${await part.listening}`, ended, state, stop }
}

/** A broker that has just started may not know a topic that it has just made. */
const ensureTopics = async (kafka: KafkaPort, shapes: TopicShape[]): Promise<void> => {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await kafka.ensureTopics(shapes)
    } catch (error) {
      if (attempt >= topicAttemptsMax) throw error
      await delay(topicRetryMs)
    }
  }
}
const topicAttemptsMax = 5
const topicRetryMs = 500

const publicUrl = 'https://quits.test'

/** Addresses of the servers that a bench stands on. */
export interface Ground {
  kafka: string
  mongo: string
  redis: string
}
const lentGround = (): Ground => ({
  kafka: need('KAFKA_URL'),
  mongo: need('MONGO_URL'),
  redis: need('REDIS_URL'),
})

/** The names and the authority; services are started on it, in this process or as a child. */
export const makeBench = async (ground: Ground = lentGround()) => {
  const prefix = `t${randomUUID().slice(0, 12)}`
  const identity = await startIdentity()
  const url = mongoUrl(prefix, ground.mongo)
  const env = {
    NODE_ENV: 'test',
    LOG_LEVEL: 'silent',
    HTTP_PORT: '0',
    METRICS_PORT: '0',
    KAFKA_URL: ground.kafka,
    MONGO_URL: url,
    REDIS_URL: ground.redis,
    IDENTITY_ADDRESS: identity.address,
    PUBLIC_URL: publicUrl,
    BROKER_PREFIX: prefix,
  }
  const kafka = makeKafka({ brokers: env.KAFKA_URL, clientId: 'test', log })
  const topics = topicNames(prefix)
  await ensureTopics(kafka, [
    { topic: topics.books, partitions: 6 },
    { topic: topics.users, partitions: 3 },
    { topic: topics.deadOf(topics.books), partitions: 1 },
  ])
  const producer = kafka.makeProducer()
  await producer.connect()
  const mongo = new MongoClient(url)

  return {
    prefix,
    env,
    identity,
    kafka,
    topics,
    database: mongo.db(),
    origin: publicUrl,
    /** Puts values on a topic, keyed by what comes first in their id. */
    send: (topic: string, events: { id: string }[]) =>
      producer.send(
        topic,
        events.map((event) => ({
          key: event.id.split(/[:@]/)[0] ?? '',
          value: JSON.stringify(event),
        })),
      ),
    sendRaw: (topic: string, value: string) => producer.send(topic, [{ key: 'raw', value }]),
    async stop(): Promise<void> {
      await producer.close()
      await mongo.db().dropDatabase()
      await mongo.close()
      await identity.stop()
    },
  }
}
export type Bench = Awaited<ReturnType<typeof makeBench>>

const readyMsMax = 60_000
const readyPollMs = 50

/** Resolves once every check of the process passes. */
export const untilReady = async (
  ask: () => Promise<{ ready: boolean; checks: unknown; degraded?: string[] }>,
) => {
  for (let waitedMs = 0; waitedMs < readyMsMax; waitedMs += readyPollMs) {
    const { ready, degraded } = await ask()
    if (ready && degraded === undefined) return
    await delay(readyPollMs)
  }
  throw new Error(`not ready: ${JSON.stringify((await ask()).checks)}`)
}

/** A notifier inside this process, ready; `overrides` are environment variables. */
export const startNotifier = async (bench: Bench, overrides: Record<string, string> = {}) => {
  const config = readConfig({ ...bench.env, ...overrides })
  const { parts, health, http, internal } = makeApp(config, log)
  const stop = runParts(parts)
  const [port, metricsPort] = await Promise.all([http.listening, internal.listening])
  await untilReady(health.ready)
  return { ...clientOf(port), metricsPort, health, stop }
}

const ticketAttemptsMax = 10
const ticketRetryMs = 200

/** What people do with the notifier behind this port. */
export const clientOf = (port: number) => {
  const base = `http://127.0.0.1:${port}`
  const socketUrl = `ws://127.0.0.1:${port}/v1/feed`

  const ask = async (person: Person, method: string, path: string, body?: unknown) => {
    const response = await fetch(`${base}${path}`, {
      method,
      headers: { authorization: `Bearer ${person.token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  }

  /** As a good client asks: on a busy machine the authority may answer late. */
  const ticket = async (person: Person): Promise<string> => {
    for (let attempt = 0; ; attempt += 1) {
      const { status, body } = await ask(person, 'POST', '/v1/feed/tickets')
      if (status === 201) return String(body.ticket)
      if (status !== 503 || attempt >= ticketAttemptsMax) {
        throw new Error(`no ticket: ${status} ${JSON.stringify(body)}`)
      }
      await delay(ticketRetryMs)
    }
  }

  return {
    port,
    base,
    socketUrl,
    ask,
    ticket,
    /** A device that has been welcomed. */
    async connect(
      person: Person,
      since?: { epoch: number; seq: number },
      options: Parameters<typeof openClient>[1] & { device?: string } = {},
    ) {
      const { device = 'test' } = options
      const first = { type: 'connect', ticket: await ticket(person), device }
      const client = await openClient(socketUrl, options)
      client.say({ ...first, ...(since === undefined ? {} : { since }) })
      return client
    },
  }
}
