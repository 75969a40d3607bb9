/** People with sessions, and the debts' routes over real HTTP, for integration tests. */
import { randomBytes, randomUUID } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { makeLog } from '@quits/kit/log'
import type { Pool } from '@quits/kit/postgres'
import { createServer } from 'node:http'
import { ledgerRoutes } from '../debts/routes.ts'
import { ledgerError } from '../errors.ts'
import { makeRouter } from '../routing.ts'
import { makeTurnConnection } from '../transactions/turn-connection.ts'
import { makeWriter } from '../transactions/writer.ts'

export interface Person {
  userId: string
  sessionId: string
  email: string
  bearer: string
}

/** A user with a verified address and a live session. */
export const makePerson = async (admin: Pool, name: string): Promise<Person> => {
  const userId = randomUUID()
  const sessionId = randomUUID()
  const email = `${name.toLowerCase()}-${userId.slice(0, 8)}@example.test`
  await admin.query(
    `INSERT INTO users (id, name, locale, activated_at) VALUES ($1, $2, 'en', now())`,
    [userId, name],
  )
  await admin.query(
    `INSERT INTO contacts (kind, value, user_id, verified_at) VALUES ('email', $1, $2, now())`,
    [email, userId],
  )
  await admin.query(
    `INSERT INTO sessions (id, user_id, expires_at, client, device, secret, token_hash)
     VALUES ($1, $2, now() + interval '1 day', 'app', 'test', '\\x00', '\\x00')`,
    [sessionId, userId],
  )
  return { userId, sessionId, email, bearer: `${userId}~${sessionId}` }
}

export interface Reply {
  status: number
  /** Empty for an answer without a body. */
  body: Record<string, unknown>
  text: string
  headers: Headers
}

/** The debts' routes on a port of their own; the bearer is "user~session" in clear. */
export const serveDebts = async (options: {
  pool: Pool
  url: string
  firstContactsPerDay?: number
}) => {
  const { pool, url } = options
  const firstContactsPerDay = options.firstContactsPerDay ?? 1_000
  const jobsKey = randomBytes(32)
  const wakeRelay = () => undefined
  const callerOf = async (bearer: string | undefined) => {
    const [userId, sessionId] = bearer?.split('~') ?? []
    if (userId === undefined || sessionId === undefined) throw ledgerError('unauthenticated')
    return { userId, sessionId }
  }
  const log = makeLog({ service: 'test', level: process.env['TEST_LOG_LEVEL'] ?? 'silent' })
  const connections = [1, 2].map(() => makeTurnConnection({ url, log }))
  const writer = makeWriter({ connections, wakeRelay: () => undefined, log })
  const routes = ledgerRoutes({
    pool,
    writer,
    tokenKey: randomBytes(32),
    jobsKey,
    origin: 'https://quits.test',
    firstContactsPerDay,
    wakeRelay,
  })
  const authenticate = { token: callerOf, session: callerOf }
  const server = createServer(makeRouter(routes, { authenticate, log })).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  /** `key` defaults to a fresh one; pass null to send none. */
  const request = async (
    person: Person | undefined,
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Reply> => {
    const response = await fetch(origin + path, {
      method,
      headers: {
        ...(person === undefined ? {} : { authorization: `Bearer ${person.bearer}` }),
        ...(method === 'PUT' ? { 'content-type': 'application/json' } : {}),
        ...(method === 'POST'
          ? { 'content-type': 'application/json', 'idempotency-key': randomUUID() }
          : {}),
        ...headers,
      },
      ...(body === undefined
        ? {}
        : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    return {
      status: response.status,
      body: text === '' ? {} : JSON.parse(text),
      text,
      headers: response.headers,
    }
  }
  return {
    origin,
    request,
    /** Opens what is sealed in jobs for the mailer. */
    jobsKey,
    async close() {
      await new Promise((resolve) => server.close(resolve))
      await Promise.all(connections.map((connection) => connection.close()))
    },
  }
}
