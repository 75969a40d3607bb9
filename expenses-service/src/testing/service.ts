/** The whole service on a test database, asked over real HTTP. */
import { randomBytes, randomUUID } from 'node:crypto'
import { makeLog } from '@quits/kit/log'
import { unseal } from '@quits/kit/seal'
import { mailJob, sealedSecrets } from '@quits/proto/jobs'
import { makeApp } from '../app.ts'
import { readConfig } from '../config.ts'
import { makeTestDatabase } from './database.ts'

const publicUrl = 'http://localhost:8080'

export interface Reply {
  status: number
  headers: Headers
  // Tests look into answers of every shape; what is missing there fails the expectation.
  body: Record<string, unknown>
}

interface Asking {
  token?: string
  headers?: Record<string, string>
  body?: unknown
}

export type TestService = Awaited<ReturnType<typeof startTestService>>

/** Call `stop` in afterAll. `env` overrides the configuration. */
export const startTestService = async (env: Record<string, string> = {}) => {
  const database = await makeTestDatabase()
  const jobsKey = randomBytes(32)
  const config = readConfig({
    NODE_ENV: 'test',
    METRICS_PORT: '0',
    HTTP_PORT: '0',
    GRPC_PORT: '0',
    INTERNAL_GRPC_PORT: '0',
    POSTGRES_URL: database.url,
    KAFKA_URL: '127.0.0.1:9',
    RABBITMQ_URL: 'amqp://127.0.0.1:9',
    PUBLIC_URL: publicUrl,
    QUITS_SECRET: randomBytes(32).toString('base64url'),
    QUITS_SIGNING_KEYS: randomBytes(32).toString('base64url'),
    QUITS_JOBS_KEY: jobsKey.toString('base64url'),
    ...env,
  })
  const log = makeLog({ service: 'test', level: 'warn' })
  const app = makeApp({ config, pool: database.pool, log })
  const stopping = new AbortController()
  const listeners = [app.http, app.grpc, app.internalGrpc]
  const running = listeners.map((part) => part.run(stopping.signal))
  const url = `http://127.0.0.1:${await app.http.listening}`

  const ask = async (method: string, path: string, asking: Asking = {}): Promise<Reply> => {
    const headers = new Headers(asking.headers)
    if (asking.token !== undefined) headers.set('authorization', `Bearer ${asking.token}`)
    if (asking.body !== undefined) headers.set('content-type', 'application/json')
    const body = asking.body === undefined ? null : JSON.stringify(asking.body)
    const response = await fetch(url + path, { method, headers, body })
    const text = await response.text()
    const parsed = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)
    return { status: response.status, headers: response.headers, body: parsed }
  }

  /** Mails to an address that wait in the outbox, newest first, with the code if there is one. */
  const mailsTo = async (email: string) => {
    const { rows } = await database.admin.query<{ job: string }>(
      'SELECT job FROM outbox_jobs ORDER BY id DESC',
    )
    const jobs = rows.map(({ job }) => mailJob.parse(JSON.parse(job)))
    return jobs
      .filter(({ to }) => to.address === email)
      .map((job) => {
        if (job.template !== 'code') return { template: job.template, name: job.to.name, code: '' }
        const { code } = sealedSecrets.parse(unseal(jobsKey, job.id, job.sealed))
        return { template: job.template, name: job.to.name, code }
      })
  }

  /** A user who signed up and verified, with a session of an app. */
  const signUp = async (name: string, password?: string) => {
    const email = `${name.toLowerCase()}-${randomUUID()}@example.test`
    const asked = await ask('POST', '/v1/users', { body: { name, email, password } })
    const [mail] = await mailsTo(email)
    const verified = await ask('POST', '/v1/auth/codes/verify', {
      body: { email, code: mail?.code, nonce: asked.body['nonce'], client: 'app' },
    })
    if (verified.status !== 200) throw new Error(`sign-up answered ${verified.status}`)
    const { accessToken, refreshToken, user } = verified.body as {
      accessToken: string
      refreshToken: string
      user: { id: string }
    }
    return { id: user.id, name, email, accessToken, refreshToken }
  }

  const statements: string[] = []
  database.pool.on('connect', (client) => recordStatements(client, statements))

  /** Names (or texts) of the statements that ran meanwhile, in order. */
  const statementsOf = async (act: () => Promise<unknown>): Promise<string[]> => {
    statements.length = 0
    await act()
    return [...statements]
  }

  return {
    ask,
    mailsTo,
    signUp,
    statementsOf,
    pool: database.pool,
    admin: database.admin,
    publicUrl,
    url,
    databaseUrl: database.url,
    grpcAddress: `127.0.0.1:${await app.grpc.listening}`,
    /** Journal and Identity. */
    internalGrpcAddress: `127.0.0.1:${await app.internalGrpc.listening}`,
    async stop() {
      stopping.abort()
      await Promise.all(running)
      await database.drop()
    },
  }
}

// Every statement passes through `query`; its first argument is a text or an object with a name.
const recordStatements = (client: { query: unknown }, statements: string[]) => {
  const query = client.query as (...asked: unknown[]) => unknown
  client.query = (...asked: unknown[]) => {
    const [first] = asked as [string | { name?: string; text: string }]
    statements.push(typeof first === 'string' ? first : (first.name ?? first.text))
    return query.apply(client, asked)
  }
}
